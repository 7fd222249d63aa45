#Requires -Version 7.4
<#
.SYNOPSIS
Runs both suites, and says on its last line how many tests passed, failed and were skipped.

.DESCRIPTION
A suite that breaks off, or that has no tests, counts as one failed.
#>
[CmdletBinding()]
param(
    [string] $Configuration = 'Release',
    [string] $Only,
    [string] $BuildError
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$results = "$root/artifacts/test-results"
. $PSScriptRoot/Tools.ps1

function Invoke-CoreSuite {
    $filter = $Only ? @('--filter', "FullyQualifiedName~$Only") : @()
    dotnet test "$root/tests/UsageTracking.Core.Tests" --configuration $Configuration --verbosity quiet --results-directory $results --logger 'trx;LogFileName=core.trx' --logger 'console;verbosity=minimal' @filter | Out-Host
    $exitCode = $LASTEXITCODE

    # The counters in the file leave the skipped ones out.
    $outcomes = @(([xml] (Get-Content "$results/core.trx" -Raw)).TestRun.Results.ChildNodes.outcome)
    @{
        ExitCode = $exitCode
        Passed   = ($outcomes -eq 'Passed').Count
        Failed   = ($outcomes -eq 'Failed').Count
        Skipped  = ($outcomes -eq 'NotExecuted').Count
    }
}

function Invoke-CmdletSuite {
    if ($BuildError) { throw "The module was not built: $BuildError" }
    if (-not (Install-Tool Pester 5.5)) {
        Write-Host 'Skipped, for want of Pester.'
        return @{ ExitCode = 0; Passed = 0; Failed = 0; Skipped = 1 }
    }
    Invoke-Pwsh "$PSScriptRoot/Invoke-PesterSuite.ps1" "$results/pester.json", $Only | Out-Host
    @{ ExitCode = $LASTEXITCODE } + (Get-Content "$results/pester.json" -Raw | ConvertFrom-Json -AsHashtable)
}

Remove-Item $results -Recurse -Force -ErrorAction Ignore
$null = New-Item -ItemType Directory $results
$total = @{ Passed = 0; Failed = 0; Skipped = 0 }
try {
    . $root/tests/Isolation.ps1
}
catch {
    # The suites say themselves what they miss.
    Write-Host "The tests' surroundings could not be made: $_"
    $total.Failed++
}

foreach ($suite in 'Invoke-CoreSuite', 'Invoke-CmdletSuite') {
    Write-Host "`n$($suite -eq 'Invoke-CoreSuite' ? 'C# suite' : 'Pester suite')"
    try {
        $result = & $suite
    }
    catch {
        Write-Host "The suite could not run: $_"
        $result = @{ ExitCode = 1; Passed = 0; Failed = 0; Skipped = 0 }
    }
    $count = $result.Passed + $result.Failed + $result.Skipped
    if ($result.Failed -eq 0 -and ($result.ExitCode -ne 0 -or ($count -eq 0 -and -not $Only))) {
        Write-Host 'The suite broke off, or had no tests.'
        $result.Failed = 1
    }
    foreach ($name in @($total.Keys)) { $total[$name] += $result[$name] }
}

if ($total.Passed + $total.Failed + $total.Skipped -eq 0) {
    Write-Host "No test has '$Only' in its name."
    $total.Failed = 1
}
Write-Host "`n$($total.Passed) passed, $($total.Failed) failed, $($total.Skipped) skipped"
exit ($total.Failed -gt 0 ? 1 : 0)
