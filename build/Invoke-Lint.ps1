#Requires -Version 7.4
<#
.SYNOPSIS
Checks the scripts, the manifest and the C# formatting. The exit code is 1 on any finding.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
. $PSScriptRoot/Tools.ps1
$failed = $false

if (Install-Tool PSScriptAnalyzer 1.22) {
    $findings = 'build.ps1', 'build', 'module', 'tests', 'bench', 'examples' |
        ForEach-Object { Invoke-ScriptAnalyzer "$root/$_" -Recurse -Settings "$root/PSScriptAnalyzerSettings.psd1" }
    foreach ($finding in $findings) {
        $failed = $true
        '{0}:{1} {2} {3}' -f [System.IO.Path]::GetRelativePath($root, $finding.ScriptPath), $finding.Line, $finding.RuleName, $finding.Message
    }
}
else {
    $failed = $true
}

# The formats and help it names are made by the build or are in the repository.
try { $null = Test-ModuleManifest "$root/module/UsageTracking.psd1" } catch { $failed = $true; "module/UsageTracking.psd1: $_" }

$projects = Get-ChildItem "$root/src", "$root/tests", "$root/bench", "$root/examples" -Filter *.csproj -Recurse
foreach ($project in $projects) {
    dotnet format $project.FullName --verify-no-changes --verbosity quiet
    if ($LASTEXITCODE -ne 0) { $failed = $true; "$($project.Name): run dotnet format." }
}

$failed ? 'Lint: findings.' : 'Lint: clean.'
exit ($failed ? 1 : 0)
