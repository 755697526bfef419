<#
.SYNOPSIS
Installs Tidegate as a service of Windows, or replaces what an earlier run has installed.

.DESCRIPTION
It needs tidegate.exe and tidegate.hcl in its own directory, as the custom script extension of
windows.ps1 puts them there, and administrator rights. It is repeated without harm: a service
that runs is stopped when its transfers have ended, and started again.

  %ProgramFiles%\Tidegate\tidegate.exe   the program
  %ProgramData%\Tidegate\*.hcl           the configuration; one that is there already stays
  %ProgramData%\Tidegate\env             the variables, from the parameters
  %ProgramData%\Tidegate\logs            the log

.EXAMPLE
.\install.ps1 -Account contosoingest -Container ingest -HostName ftp.contoso.example -PasswordHash '$argon2id$...'
#>
[CmdletBinding()]
param(
    # The storage account and its container.
    [Parameter(Mandatory = $true)] [string] $Account,
    [Parameter(Mandatory = $true)] [string] $Container,
    # The name or address that clients know: the gateway announces it for data connections.
    [Parameter(Mandatory = $true)] [string] $HostName,
    # The hash of the password of the user "upload": tidegate hash-password.
    [Parameter(Mandatory = $true)] [string] $PasswordHash,
    [int] $ControlPort = 21,
    [int] $PassivePort = 30000,
    # Replace a configuration that is there.
    [switch] $Overwrite
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Invoke-Tidegate runs the program and fails when it does.
function Invoke-Tidegate {
    & $program @args
    if ($LASTEXITCODE -ne 0) {
        throw "tidegate $($args -join ' '): exit status $LASTEXITCODE"
    }
}

$programs = Join-Path $env:ProgramFiles 'Tidegate'
$data = Join-Path $env:ProgramData 'Tidegate'
$program = Join-Path $programs 'tidegate.exe'
$variables = Join-Path $data 'env'

$service = Get-Service -Name 'tidegate' -ErrorAction SilentlyContinue
if ($null -ne $service -and $service.Status -ne 'Stopped') {
    Invoke-Tidegate service stop
}

New-Item -ItemType Directory -Force -Path $programs, $data | Out-Null
Copy-Item -Force -Path (Join-Path $PSScriptRoot 'tidegate.exe') -Destination $program
if ($Overwrite -or -not (Test-Path (Join-Path $data '*.hcl'))) {
    Copy-Item -Force -Path (Join-Path $PSScriptRoot 'tidegate.hcl') -Destination $data
}

# UTF-8 without a mark at its beginning, which Set-Content of Windows PowerShell would write.
$lines = @(
    "TIDEGATE_ACCOUNT=$Account"
    "TIDEGATE_CONTAINER=$Container"
    "TIDEGATE_HOST=$HostName"
    "TIDEGATE_CONTROL_PORT=$ControlPort"
    "TIDEGATE_PASSIVE_PORT=$PassivePort"
    "TIDEGATE_PASSWORD_HASH='$PasswordHash'"
)
[System.IO.File]::WriteAllLines($variables, $lines)

# The firewall lets clients reach the program on the control port and on its passive port.
Get-NetFirewallRule -Group 'Tidegate' -ErrorAction SilentlyContinue | Remove-NetFirewallRule
New-NetFirewallRule -Name 'tidegate-in' -DisplayName 'Tidegate' -Group 'Tidegate' -Direction Inbound -Action Allow `
    -Protocol TCP -LocalPort $ControlPort, $PassivePort -Program $program | Out-Null

Invoke-Tidegate service install -env-file $variables $data
Invoke-Tidegate service start
Invoke-Tidegate service status
