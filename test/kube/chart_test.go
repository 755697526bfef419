package kube

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corev1conversion "k8s.io/kubernetes/pkg/apis/core/v1"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/networking"
	_ "k8s.io/kubernetes/pkg/apis/networking/install"
	networkingvalidation "k8s.io/kubernetes/pkg/apis/networking/validation"
	"k8s.io/kubernetes/pkg/apis/policy"
	_ "k8s.io/kubernetes/pkg/apis/policy/install"
	policyvalidation "k8s.io/kubernetes/pkg/apis/policy/validation"
	"k8s.io/pod-security-admission/api"
	podsecurity "k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

const chart = "../../deploy/kubernetes/tidegate"

// namespace is where everything is installed.
const namespace = "ftp"

// least are the values without which there is no default.
const least = `
config: {tidegate.hcl: "# configuration"}
tls: {secretName: tidegate-tls}
status: {tokenSecretName: tidegate-token}
`

// sets are sets of values, and how many Services each makes.
var sets = map[string]struct {
	values   string
	services int
}{
	"least": {least, 2 + 3},
	"SFTP only, one node": {least + `
replicas: 1
ftp: {enabled: false}
sftp: {enabled: true}
`, 2},
	"one public address in Azure": {least + `
replicas: 5
sftp: {enabled: true}
service:
  azure: {pipName: ftp-ip, resourceGroup: network, dnsLabel: ftp-contoso}
  loadBalancerSourceRanges: [203.0.113.0/24]
workloadIdentity: {clientId: 11111111-2222-3333-4444-555555555555}
`, 2 + 5},
	"everything": {least + `
replicas: 2
image: {repository: registry.example/tidegate, tag: "1.2.3", pullSecrets: [registry]}
env: [{name: CAMERA_01_HASH, valueFrom: {secretKeyRef: {name: hashes, key: camera-01}}}]
envFrom: [{secretRef: {name: more}}]
secrets: [{name: hostkeys, secretName: host-keys}]
sftp: {enabled: true}
serviceMonitor: {enabled: true}
networkPolicy: {enabled: true, statusFrom: [{namespaceSelector: {matchLabels: {name: monitoring}}}]}
podAnnotations: {example.com/a: b}
nodeSelector: {kubernetes.io/os: linux}
tolerations: [{key: dedicated, operator: Exists}]
affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {a: b}}}]}}
`, 2 + 2},
	"within the cluster": {least + `
replicas: 250
service: {type: ClusterIP}
podDisruptionBudget: {enabled: false}
`, 2 + 250},
}

func TestChart(t *testing.T) {
	for name, set := range sets {
		t.Run(name, func(t *testing.T) {
			objects, err := render(set.values)
			if err != nil {
				t.Fatal(err)
			}
			services := map[int32]string{}
			count := 0
			for _, o := range objects {
				for _, err := range validate(t, o) {
					t.Error(err)
				}
				s, ok := o.(*core.Service)
				if !ok {
					continue
				}
				count++
				if s.Spec.ClusterIP == core.ClusterIPNone {
					continue
				}
				// The Services share one address, so no two may have a port.
				for _, p := range s.Spec.Ports {
					if other := services[p.Port]; other != "" {
						t.Errorf("%s and %s both have the port %d", other, s.Name, p.Port)
					}
					services[p.Port] = s.Name
				}
				if strings.Contains(s.Name, "-data-") != s.Spec.PublishNotReadyAddresses {
					t.Errorf("%s: a node that drains must keep its data connections, and get no new control connections", s.Name)
				}
			}
			if count != set.services {
				t.Errorf("%d Services, want %d", count, set.services)
			}
		})
	}
}

// The schema refuses what cannot work.
func TestValuesAreChecked(t *testing.T) {
	for name, values := range map[string]string{
		"nothing":               "",
		"no configuration":      "tls: {secretName: a}\nstatus: {tokenSecretName: b}",
		"a misspelled name":     least + "replica: 3",
		"too many nodes":        least + "replicas: 251",
		"ports beyond the last": least + "passive: {basePort: 65300}",
		"no protocol":           least + "ftp: {enabled: false}",
		"a reserved directory":  least + "secrets: [{name: tls, secretName: x}]",
		"no HCL":                strings.Replace(least, "tidegate.hcl", "tidegate.txt", 1),
	} {
		if _, err := render(values); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// render returns the objects of a release.
func render(values string) ([]runtime.Object, error) {
	loaded, err := loader.Load(chart)
	if err != nil {
		return nil, err
	}
	v := map[string]any{}
	if err := yaml.Unmarshal([]byte(values), &v); err != nil {
		return nil, err
	}
	options := common.ReleaseOptions{Name: "tidegate", Namespace: namespace, IsInstall: true, Revision: 1}
	all, err := util.ToRenderValues(loaded, v, options, common.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Engine{Strict: true}.Render(loaded, all)
	if err != nil {
		return nil, err
	}
	decoder := serializer.NewCodecFactory(legacyscheme.Scheme, serializer.EnableStrict).UniversalDecoder()
	var objects []runtime.Object
	for name, text := range files {
		if filepath.Ext(name) != ".yaml" {
			continue
		}
		r := utilyaml.NewYAMLReader(bufio.NewReader(strings.NewReader(text)))
		for {
			document, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, err
			}
			if !strings.Contains(string(document), "kind:") || strings.Contains(string(document), "kind: ServiceMonitor") {
				continue // of another API than Kubernetes' own
			}
			o, _, err := decoder.Decode(document, nil, nil)
			if err != nil {
				return nil, errors.Join(errors.New(name), err)
			}
			objects = append(objects, o)
		}
	}
	return objects, nil
}

// validate returns what an API server would say about an object.
func validate(t *testing.T, o runtime.Object) field.ErrorList {
	t.Helper()
	switch o := o.(type) {
	case *apps.StatefulSet:
		o.Namespace = namespace
		restricted(t, o)
		return appsvalidation.ValidateStatefulSet(o, appsvalidation.StatefulSetValidationOptions{}, corevalidation.PodValidationOptions{})
	case *core.Service:
		o.Namespace = namespace
		if o.Spec.ClusterIP != "" {
			o.Spec.ClusterIPs = []string{o.Spec.ClusterIP} // as the API server does
		}
		if o.Spec.ExternalTrafficPolicy == core.ServiceExternalTrafficPolicyLocal && o.Spec.Type == core.ServiceTypeLoadBalancer {
			o.Spec.HealthCheckNodePort = 30999 // the API server chooses one
		}
		return corevalidation.ValidateServiceCreate(o)
	case *core.Secret:
		o.Namespace = namespace
		return corevalidation.ValidateSecret(o)
	case *core.ServiceAccount:
		o.Namespace = namespace
		return corevalidation.ValidateServiceAccount(o)
	case *policy.PodDisruptionBudget:
		o.Namespace = namespace
		return policyvalidation.ValidatePodDisruptionBudget(o, policyvalidation.PodDisruptionBudgetValidationOptions{})
	case *networking.NetworkPolicy:
		o.Namespace = namespace
		return networkingvalidation.ValidateNetworkPolicy(o, networkingvalidation.NetworkPolicyValidationOptions{})
	default:
		t.Errorf("nothing validates %T", o)
		return nil
	}
}

// restricted fails the test when the pods do not meet the Pod Security Standard.
func restricted(t *testing.T, s *apps.StatefulSet) {
	t.Helper()
	evaluator, err := podsecurity.NewEvaluator(podsecurity.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var spec corev1.PodSpec
	if err := corev1conversion.Convert_core_PodSpec_To_v1_PodSpec(&s.Spec.Template.Spec, &spec, nil); err != nil {
		t.Fatal(err)
	}
	level := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	results := evaluator.EvaluatePod(level, &s.Spec.Template.ObjectMeta, &spec)
	if r := podsecurity.AggregateCheckResults(results); !r.Allowed {
		t.Error(r.ForbiddenDetail())
	}
	stop := *s.Spec.Template.Spec.TerminationGracePeriodSeconds
	if wait := spec.Containers[0].Lifecycle.PreStop.Sleep.Seconds; wait >= stop {
		t.Errorf("the pod has %d seconds to stop, and waits for %d", stop, wait)
	}
}

// Every example of values in the README is one that renders.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("../../deploy/kubernetes/README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := slices.Collect(blocks(string(text), "yaml"))
	if len(examples) == 0 {
		t.Error("the README has no values")
	}
	for _, values := range examples {
		if _, err := render(values); err != nil {
			t.Error(err)
		}
	}
}

// blocks yields the blocks of a language in a Markdown text.
func blocks(text, language string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for {
			_, rest, found := strings.Cut(text, "\n```"+language+"\n")
			if !found {
				return
			}
			block, after, _ := strings.Cut(rest, "\n```")
			if !yield(block) {
				return
			}
			text = after
		}
	}
}
