#Requires -Version 7.4
<#
.SYNOPSIS
Some seconds of real work in a temporary store: takes in a web server's log, and shows what was used.

.EXAMPLE
./build.sh demo

.EXAMPLE
./examples/demo.ps1 -LogPath /var/log/apache2/access.log
#>
[CmdletBinding()]
param(
    # The module to show; what is built in this checkout by default.
    [string] $Module = "$PSScriptRoot/../module/UsageTracking.psd1",

    # A log in Apache's or nginx's combined format. Without one the demo makes one up.
    [string] $LogPath
)

$ErrorActionPreference = 'Stop'
Import-Module $Module
. $PSScriptRoot/AccessLog.ps1
$folder = [System.IO.Directory]::CreateTempSubdirectory('usage-demo-').FullName
$spool = $env:USAGE_SPOOL
$env:USAGE_SPOOL = Join-Path $folder 'spool'

function Write-Heading([string] $Text) { Write-Host "`n$Text" -ForegroundColor Cyan }

try {
    if (-not $LogPath) {
        $LogPath = Join-Path $folder 'access.log'
        New-AccessLog -Days 7 -Requests 20000 | Set-Content $LogPath
    }

    Write-Heading 'A store: one file, created by itself'
    Connect-UsageStore -Path (Join-Path $folder 'usage.db') -CustomerId acme -InformationAction Continue

    Write-Heading 'A web server''s log, one pipeline: each request becomes an api record, each body a bandwidth record'
    'Get-Content access.log | ConvertFrom-AccessLog | Add-UsageRecord; Invoke-UsageFlush'
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    Get-Content $LogPath | ConvertFrom-AccessLog | Add-UsageRecord
    $flush = Invoke-UsageFlush
    $watch.Stop()
    $flush | Format-Table | Out-Host
    '{0:N0} records read, recorded and stored in {1:N1} s.' -f $flush.Committed, $watch.Elapsed.TotalSeconds

    $first = (Get-UsageRecord -Start 1980 | Select-Object -Last 1).Timestamp
    $last = (Get-UsageRecord -Start 1980 -First 1).Timestamp
    $end = $last.AddSeconds(1)

    Write-Heading 'Get-Usage: what was used, and what it costs'
    Get-Usage -Start $first -End $end | Out-Host

    Write-Heading 'Measure-Usage Daily: day by day, in London'
    Measure-Usage Daily -Start $first -End $end -TimeZone Europe/London | Out-Host

    Write-Heading 'Get-UsageRecord: the records themselves'
    Get-UsageRecord -Start $first -First 3 | Out-Host

    Write-Heading 'A mistake costs one record and says what would be right; its neighbours are stored'
    @{ Quantity = 1 }, @{ Quantity = '1,5' }, @{ Quantity = 2 } | Add-UsageRecord -Service compute -ErrorVariable mistake -ErrorAction SilentlyContinue
    $mistake | ForEach-Object { "  $_" }
    Invoke-UsageFlush | Out-Host

    Write-Heading 'Where to go next'
    @'
  Import-Module ./module/UsageTracking.psd1     the module in your own session
  Get-Help about_UsageTracking                  how it all fits together
  Get-Help Add-UsageRecord -Examples            ways to record usage
  Get-Command -Module UsageTracking             everything there is
'@
}
finally {
    $env:USAGE_SPOOL = $spool
    Disconnect-UsageStore
    # The store's file is still held until its queue is gone; that is this process's end on Windows.
    Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction Ignore
}
