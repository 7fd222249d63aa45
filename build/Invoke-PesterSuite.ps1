#Requires -Version 7.4
<#
.SYNOPSIS
Runs the Pester suite in this process, and leaves its totals in a file.
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $ResultPath,
    [string] $Only
)

$ErrorActionPreference = 'Stop'
Import-Module Pester -MinimumVersion 5.5 -MaximumVersion 5.9999

$configuration = New-PesterConfiguration
$configuration.Run.Path = "$PSScriptRoot/../tests"
$configuration.Run.PassThru = $true
$configuration.Output.CIFormat = 'None'
if ($Only) { $configuration.Filter.FullName = "*$Only*" }

$run = Invoke-Pester -Configuration $configuration
@{
    Passed  = [int] $run.PassedCount
    Failed  = [int] ($run.FailedCount + $run.InconclusiveCount)
    Skipped = [int] $run.SkippedCount
} | ConvertTo-Json | Set-Content $ResultPath

# Fails also for a file that cannot be read or an AfterAll that throws, which no test counts.
exit ($run.Result -eq 'Passed' ? 0 : 1)
