#Requires -Version 7.4
<#
.SYNOPSIS
Checks the scripts, the manifest and the C# formatting. The exit code is 1 on any finding, and 2 where there was
none but the scripts could not be checked for want of PSScriptAnalyzer.
#>
[CmdletBinding()]
param()

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
. $PSScriptRoot/Tools.ps1
$failed = $false

$hasAnalyzer = Install-Tool PSScriptAnalyzer 1.22
if ($hasAnalyzer) {
    # It does not see that what BeforeAll sets is used in It, and the passwords of the tests are no secrets.
    $inTests = 'PSUseDeclaredVarsMoreThanAssignments', 'PSAvoidUsingConvertToSecureStringWithPlainText'
    $findings = foreach ($path in 'build.ps1', 'build', 'module', 'tests', 'bench', 'examples') {
        $exclude = $path -eq 'tests' ? $inTests : @()
        Invoke-ScriptAnalyzer "$root/$path" -Recurse -Settings "$root/PSScriptAnalyzerSettings.psd1" -ExcludeRule $exclude
    }
    foreach ($finding in $findings) {
        $failed = $true
        '{0}:{1} {2} {3}' -f [System.IO.Path]::GetRelativePath($root, $finding.ScriptPath), $finding.Line, $finding.RuleName, $finding.Message
    }
}

try { $null = Test-ModuleManifest "$root/module/UsageTracking.psd1" } catch { $failed = $true; "module/UsageTracking.psd1: $_" }

dotnet format "$root/UsageTracking.slnx" --verify-no-changes --verbosity quiet
if ($LASTEXITCODE -ne 0) { $failed = $true; 'To mend the C# files: dotnet format' }

if ($failed) { 'Lint: findings.'; exit 1 }
if (-not $hasAnalyzer) { 'Lint: clean so far, but the scripts were not checked.'; exit 2 }
'Lint: clean.'
