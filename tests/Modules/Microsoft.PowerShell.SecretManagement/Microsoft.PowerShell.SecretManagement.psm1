# Stands in for the module of this name, which the tests do not install: parameters, positions, what is mandatory, and types
# that come back are those of its version 1.1.2. Its secrets are in memory. A vault called 'broken' refuses everything.
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSReviewUnusedParameter', '')]
[System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSProvideCommentHelp', '')]
param()

$vaults = [ordered]@{}
$secrets = @{}

function Find-Vault([string] $Name) {
    $vault = $Name ? $vaults[$Name] : ($vaults.Values | Where-Object IsDefault)
    if (-not $vault) { throw "Unable to find vault '$Name'." }
    if ($vault.Name -eq 'broken') { throw 'The vault is locked.' }
    $vault.Name
}

function Register-SecretVault {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Position = 0)] [string] $Name, [Parameter(Mandatory, Position = 1)] [string] $ModuleName, [hashtable] $VaultParameters, [switch] $DefaultVault)

    if ($PSCmdlet.ShouldProcess($Name)) {
        $vaults[$Name] = [pscustomobject]@{ Name = $Name; ModuleName = $ModuleName; IsDefault = [bool] $DefaultVault }
        $secrets[$Name] = @{}
    }
}

function Unregister-SecretVault {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)] [string[]] $Name)

    if ($PSCmdlet.ShouldProcess("$Name")) { $Name | ForEach-Object { $vaults.Remove($_); $secrets.Remove($_) } }
}

function Get-SecretVault {
    [CmdletBinding()]
    param([Parameter(Position = 0)] [string[]] $Name = '*')

    $vaults.Values | Where-Object { $found = $_.Name; $Name | Where-Object { $found -like $_ } }
}

function Set-Secret {
    [CmdletBinding(SupportsShouldProcess)]
    param(
        [Parameter(Mandatory, Position = 0)] [string] $Name,
        [Parameter(Mandatory, Position = 1)] [object] $Secret,
        [Parameter(Position = 2)] [string] $Vault,
        [Parameter(Position = 3)] [hashtable] $Metadata,
        [switch] $NoClobber)

    $found = Find-Vault $Vault
    if ($PSCmdlet.ShouldProcess($found, "Set secret $Name")) {
        # A text is kept as a SecureString.
        $secrets[$found][$Name] = $Secret -is [string] ? [System.Net.NetworkCredential]::new('', $Secret).SecurePassword : $Secret.Copy()
        Write-Verbose "Secret $Name was successfully added to vault $found."
    }
}

function Get-Secret {
    [CmdletBinding()]
    param([Parameter(Mandatory, Position = 0)] [string] $Name, [Parameter(Position = 1)] [string] $Vault, [switch] $AsPlainText)

    $secret = $secrets[(Find-Vault $Vault)][$Name]
    if (-not $secret) {
        Write-Error "The secret $Name was not found." -ErrorId GetSecretNotFound -Category ObjectNotFound
        return
    }
    $AsPlainText ? [System.Net.NetworkCredential]::new('', $secret).Password : $secret
}

function Remove-Secret {
    [CmdletBinding(SupportsShouldProcess)]
    param([Parameter(Mandatory, Position = 0)] [string] $Name, [Parameter(Mandatory, Position = 1)] [string] $Vault)

    $found = Find-Vault $Vault
    if ($PSCmdlet.ShouldProcess($found, "Remove secret $Name")) {
        if (-not $secrets[$found].ContainsKey($Name)) { throw "The secret $Name was not found." }
        $secrets[$found].Remove($Name)
    }
}

Export-ModuleMember -Function Register-SecretVault, Unregister-SecretVault, Get-SecretVault, Set-Secret, Get-Secret, Remove-Secret
