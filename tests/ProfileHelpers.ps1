# For tests of profiles: the folder they are in, a SecretManagement to find or not, and passwords.

$profileFolder = Join-Path $env:USAGE_TEST_DATA UsageTracking
$secretFile = Join-Path $profileFolder profile-secrets.json

# Removes every profile and password, and the stand-in for SecretManagement.
function Clear-Profile {
    Remove-Item $profileFolder/profile* -Force -ErrorAction Ignore
    Disable-SecretManagement
}

# Lets the module Microsoft.PowerShell.SecretManagement be found: a stand-in of the tests. It has the vaults named, the first of
# which is the default.
function Enable-SecretManagement([string[]] $Vault = @()) {
    Disable-SecretManagement
    $env:PSModulePath = "$PSScriptRoot/Modules" + [System.IO.Path]::PathSeparator + $env:PSModulePath
    $Vault | ForEach-Object { Microsoft.PowerShell.SecretManagement\Register-SecretVault $_ Tests -DefaultVault:($_ -eq $Vault[0]) }
}

function Disable-SecretManagement {
    Remove-Module Microsoft.PowerShell.SecretManagement -Force -ErrorAction Ignore
    $env:PSModulePath = ($env:PSModulePath -split [System.IO.Path]::PathSeparator | Where-Object { $_ -ne "$PSScriptRoot/Modules" }) -join [System.IO.Path]::PathSeparator
}

# A credential of that password.
function Get-TestCredential([string] $User, [string] $Secret) {
    [pscredential]::new($User, [System.Net.NetworkCredential]::new('', $Secret).SecurePassword)
}

# All that a script block writes to any stream and to the host, in full, with every error there is.
function Get-EverythingSaid([scriptblock] $ScriptBlock) {
    $Error.Clear()
    $file = Join-Path $TestDrive 'everything.txt'
    $null = Start-Transcript $file -Force
    try { $said = & $ScriptBlock *>&1 } finally { $null = Stop-Transcript }
    @(
        $said | ForEach-Object { "$_"; $_ | Format-List * -Force | Out-String }
        $said | Where-Object { $_.GetType().Namespace -like 'UsageTracking*' } | ConvertTo-Json -WarningAction Ignore
        $Error | ForEach-Object { "$_"; "$($_.Exception)"; "$($_.TargetObject)"; Get-Error -InputObject $_ | Out-String }
        Get-Content $file -Raw
    ) -join "`n"
}
