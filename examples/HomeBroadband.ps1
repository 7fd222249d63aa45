#Requires -Version 7.4
<#
.SYNOPSIS
Keeps the page of a home connection's burn-down up to date. Run it a few times a day from a scheduled task.

.DESCRIPTION
Asks the provider what is left of this month's quota, records it, and writes the page anew. The page is a file: look at it
where it is, or have it in a folder that is synchronised or served. docs/home-broadband.md says how to set it up.

.EXAMPLE
Get-Credential | Export-Clixml ~/.config/broadband.xml
./HomeBroadband.ps1 -Page ~/broadband.html -Limit 100 -LoginFile ~/.config/broadband.xml -TimeZone Europe/London
#>
[CmdletBinding()]
param(
    # The page to write.
    [Parameter(Mandatory)] [string] $Page,

    # GB of 10^9 bytes a month.
    [Parameter(Mandatory)] [decimal] $Limit,

    # What Get-Credential | Export-Clixml wrote.
    [Parameter(Mandatory)] [string] $LoginFile,

    # Half of what is left at the end of a month comes on top of the next one's limit.
    [decimal] $CarryOver = 50,

    # By whose clocks days and months begin.
    [string] $TimeZone = 'UTC',

    # Where the readings are kept.
    [string] $Store = '~/broadband.db',

    # Another address to ask than the provider's own.
    [uri] $Uri
)

$ErrorActionPreference = 'Stop'
if (-not (Get-Module UsageTracking)) { Import-Module UsageTracking }

Connect-UsageStore -Path $Store -DecimalUnits -CustomerId home -TimeZone $TimeZone
# Saying it again changes nothing.
Set-UsageQuota bandwidth $Limit -CarryOver $CarryOver

$ask = $Uri ? @{ Uri = $Uri } : @{}
try {
    Update-UsageReading AndrewsArnold -Credential (Import-Clixml $LoginFile) @ask
}
catch {
    # A provider that is away must not keep the page from being written.
    Write-Error -ErrorRecord $_ -ErrorAction Continue
}

Get-UsageBurndown bandwidth | Export-UsageChart $Page -Title 'Home broadband' -Force
Invoke-UsageAlertCheck bandwidth
