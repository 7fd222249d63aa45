# What build.ps1 and the scripts beside it share.

# Runs a script in a PowerShell of its own, the same as this one.
function Invoke-Pwsh {
    [CmdletBinding()]
    param([Parameter(Mandatory)] [string] $Path, [string[]] $ArgumentList = @())

    # As a dotnet tool PowerShell is a library that dotnet runs.
    $program = [System.Environment]::ProcessPath
    $library = [System.IO.Path]::GetFileNameWithoutExtension($program) -eq 'dotnet' ? @("$PSHOME/pwsh.dll") : @()
    & $program @library -NoProfile -NonInteractive -File $Path @ArgumentList
}

# Says whether a module is there, installing it for this user where it is not.
function Install-Tool {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory)] [string] $Name, [Parameter(Mandatory)] [version] $MinimumVersion)

    $maximum = [version]::new($MinimumVersion.Major + 1, 0)
    $isThere = {
        [bool] (Get-Module -ListAvailable $Name | Where-Object { $_.Version -ge $MinimumVersion -and $_.Version -lt $maximum })
    }
    if (& $isThere) { return $true }

    try {
        if (Get-Command Install-PSResource -ErrorAction Ignore) {
            Install-PSResource $Name -Version "[$MinimumVersion,$maximum)" -TrustRepository -ErrorAction Stop
        }
        else {
            Install-Module $Name -MinimumVersion $MinimumVersion -MaximumVersion "$($MinimumVersion.Major).9999" -Scope CurrentUser -Force -ErrorAction Stop
        }
    }
    catch {
        Write-Warning "$Name $MinimumVersion or later is missing and could not be installed: $_"
    }
    & $isThere
}
