<#
.SYNOPSIS
Makes a virtual machine with Windows in Azure that runs Tidegate as a service.

.DESCRIPTION
It needs the Azure CLI (az login) and tidegate.exe, from the archive of a release for
windows_amd64. It makes what is missing of: a resource group, a storage account with a
container, a public address with a DNS name, a network security group that lets clients reach
the control port and the passive port, and a machine whose managed identity may read and write
the container. Then the custom script extension runs windows\install.ps1 on the machine. When
everything is there, it only installs again: a new program, or other parameters.

Several machines, each with a passive port of its own: other values of -Name and -PassivePort.

.EXAMPLE
.\windows.ps1 -ResourceGroup gateway -Account contosoingest -Name ftp-contoso -Program .\tidegate.exe
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [string] $ResourceGroup,
    # The storage account: 3 to 24 small letters and digits, unique in all of Azure.
    [Parameter(Mandatory = $true)] [ValidatePattern('^[a-z0-9]{3,24}$')] [string] $Account,
    # The name of the machine, also in DNS: NAME.LOCATION.cloudapp.azure.com.
    [Parameter(Mandatory = $true)] [ValidatePattern('^[a-z][a-z0-9-]{1,13}[a-z0-9]$')] [string] $Name,
    # The file tidegate.exe.
    [Parameter(Mandatory = $true)] [string] $Program,
    [string] $Container = 'ingest',
    [string] $Location = 'westeurope',
    [ValidateRange(1, 65535)] [int] $ControlPort = 21,
    [ValidateRange(1, 65535)] [int] $PassivePort = 30000,
    # The addresses that clients come from.
    [string[]] $AllowedFrom = @('Internet'),
    [string] $Size = 'Standard_D2s_v5',
    [string] $Image = 'Win2022Datacenter',
    # The redundancy of a storage account that is made.
    [string] $Sku = 'Standard_ZRS',
    # The hash of the password of the FTP user "upload" (tidegate hash-password); it is asked for
    # the password where there is none.
    [string] $PasswordHash,
    # The configuration that is installed at first.
    [string] $Configuration = (Join-Path $PSScriptRoot 'windows\tidegate.hcl'),
    # Replace the configuration of a machine that has one.
    [switch] $Overwrite
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Invoke-Az runs the Azure CLI and fails when it does. Its output is one value.
function Invoke-Az {
    $output = & az @args --output tsv
    if ($LASTEXITCODE -ne 0) {
        throw "az $($args[0..2] -join ' '): exit status $LASTEXITCODE"
    }
    $output
}

# Test-Az reports whether something exists: az ... show succeeds then.
function Test-Az {
    # Windows PowerShell takes each line on standard error for an error.
    $ErrorActionPreference = 'Continue'
    & az @args --output none 2>$null
    $LASTEXITCODE -eq 0
}

# Save-Text writes a file that nobody else needs to read, and returns its path. Where az.cmd
# would change characters of an argument, it is given as the name of a file.
function Save-Text($text) {
    $path = [System.IO.Path]::GetTempFileName()
    [System.IO.File]::WriteAllText($path, $text)
    $path
}

$files = @($Program, $Configuration, (Join-Path $PSScriptRoot 'windows\install.ps1'))
foreach ($file in $files) {
    if (-not (Test-Path -PathType Leaf $file)) {
        throw "there is no file $file"
    }
}
if (-not $PasswordHash) {
    $password = Read-Host -AsSecureString 'Password of the FTP user "upload"'
    $OutputEncoding = [System.Text.UTF8Encoding]::new($false)
    $PasswordHash = [System.Net.NetworkCredential]::new('', $password).Password | & $Program hash-password
    if ($LASTEXITCODE -ne 0) {
        throw 'tidegate hash-password has failed'
    }
}

$common = @('--resource-group', $ResourceGroup)
Invoke-Az group create --name $ResourceGroup --location $Location --query id | Out-Null

if (-not (Test-Az storage account show @common --name $Account)) {
    Invoke-Az storage account create @common --name $Account --location $Location --sku $Sku --kind StorageV2 `
        --https-only true --min-tls-version TLS1_2 --allow-blob-public-access false --query id | Out-Null
}
$key = Invoke-Az storage account keys list @common --account-name $Account --query '[0].value'
$store = @('--account-name', $Account, '--account-key', $key)
$setup = "tidegate-setup-$Name"
foreach ($c in $Container, $setup) {
    Invoke-Az storage container create @store --name $c | Out-Null
}
$accountId = Invoke-Az storage account show @common --name $Account --query id
$scope = "$accountId/blobServices/default/containers/$Container"

if (-not (Test-Az vm show @common --name $Name)) {
    Invoke-Az network nsg create @common --name "$Name-nsg" --location $Location --query NewNSG.id | Out-Null
    Invoke-Az network nsg rule create @common --nsg-name "$Name-nsg" --name ftp --priority 100 --direction Inbound --access Allow `
        --protocol Tcp --source-address-prefixes @AllowedFrom --destination-port-ranges $ControlPort $PassivePort --query id | Out-Null
    Invoke-Az network public-ip create @common --name "$Name-ip" --location $Location --sku Standard --allocation-method Static `
        --dns-name $Name --query publicIp.id | Out-Null
    $administrator = Get-Credential -Message 'Administrator of the machine (12 to 123 characters of three kinds)'
    $secret = Save-Text ($administrator.GetNetworkCredential().Password)
    try {
        Invoke-Az vm create @common --name $Name --location $Location --image $Image --size $Size `
            --admin-username $administrator.UserName --admin-password "@$secret" `
            --nsg "$Name-nsg" --nsg-rule NONE --public-ip-address "$Name-ip" --vnet-name "$Name-vnet" --subnet default `
            --assign-identity '[system]' --role 'Storage Blob Data Contributor' --scope $scope --query id | Out-Null
    }
    finally {
        Remove-Item -Force $secret
    }
}
# Also for a machine that is there, whose parameters may have changed.
Invoke-Az network nsg rule update @common --nsg-name "$Name-nsg" --name ftp `
    --source-address-prefixes @AllowedFrom --destination-port-ranges $ControlPort $PassivePort --query id | Out-Null
$hostName = Invoke-Az network public-ip show @common --name "$Name-ip" --query dnsSettings.fqdn

# The machine gets the files by addresses that are valid for an hour.
$expiry = (Get-Date).ToUniversalTime().AddHours(1).ToString('yyyy-MM-ddTHH:mmZ')
$names = @('tidegate.exe', 'tidegate.hcl', 'install.ps1')
$uris = for ($i = 0; $i -lt $files.Count; $i++) {
    $blob = @('--container-name', $setup, '--name', $names[$i])
    Invoke-Az storage blob upload @store @blob --file $files[$i] --overwrite true --query lastModified | Out-Null
    Invoke-Az storage blob generate-sas @store @blob --permissions r --https-only --expiry $expiry --full-uri
}
$command = "powershell -NoProfile -NonInteractive -ExecutionPolicy Bypass -File install.ps1 -Account $Account -Container $Container " +
    "-HostName $hostName -PasswordHash `"$PasswordHash`" -ControlPort $ControlPort -PassivePort $PassivePort"
if ($Overwrite) {
    $command += ' -Overwrite'
}
# The time makes the extension run again when nothing else has changed.
$settings = Save-Text (@{ timestamp = [DateTimeOffset]::UtcNow.ToUnixTimeSeconds() } | ConvertTo-Json -Compress)
$protected = Save-Text (@{ fileUris = @($uris); commandToExecute = $command } | ConvertTo-Json -Compress)
try {
    Invoke-Az vm extension set @common --vm-name $Name --publisher Microsoft.Compute --name CustomScriptExtension --version 1.10 `
        --settings "@$settings" --protected-settings "@$protected" --query provisioningState | Out-Null
}
finally {
    Remove-Item -Force $settings, $protected
}

Write-Output "Try it: curl --ssl-reqd -k -T FILE ftp://upload@${hostName}:$ControlPort/"
