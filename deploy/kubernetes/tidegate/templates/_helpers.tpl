{{- define "tidegate.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "tidegate.selector" -}}
app.kubernetes.io/name: tidegate
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tidegate.labels" -}}
{{ include "tidegate.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- /* The annotations of every Service. They share one address. */ -}}
{{- define "tidegate.serviceAnnotations" -}}
{{- $a := dict -}}
{{- with .Values.service.azure -}}
{{- if .pipName }}{{ $_ := set $a "service.beta.kubernetes.io/azure-pip-name" .pipName }}{{ end -}}
{{- if .ipv4 }}{{ $_ := set $a "service.beta.kubernetes.io/azure-load-balancer-ipv4" .ipv4 }}{{ end -}}
{{- if .resourceGroup }}{{ $_ := set $a "service.beta.kubernetes.io/azure-load-balancer-resource-group" .resourceGroup }}{{ end -}}
{{- if .internal }}{{ $_ := set $a "service.beta.kubernetes.io/azure-load-balancer-internal" "true" }}{{ end -}}
{{- if or .pipName .ipv4 }}{{ $_ := set $a "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout" (.idleTimeoutMinutes | toString) }}{{ end -}}
{{- end -}}
{{- mergeOverwrite $a .Values.service.annotations | toYaml -}}
{{- end -}}

{{- /* What every Service has beside its ports and its selector. The address of a client
is kept only where nodes without a pod of the Service take no connections. */ -}}
{{- define "tidegate.service" -}}
type: {{ .Values.service.type }}
{{- if ne .Values.service.type "ClusterIP" }}
externalTrafficPolicy: Local
{{- end }}
{{- if and (eq .Values.service.type "LoadBalancer") .Values.service.loadBalancerSourceRanges }}
loadBalancerSourceRanges: {{ toYaml .Values.service.loadBalancerSourceRanges | nindent 2 }}
{{- end }}
{{- end -}}
