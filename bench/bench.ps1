#Requires -Version 7.4
<#
.SYNOPSIS
Measures how fast usage gets into PostgreSQL, beside psql's binary \copy of the same rows in the same run.

.DESCRIPTION
Machines differ and are shared; a ratio to a peer measured in the same run says more than any absolute time. Every figure
is the median of the runs after one warm-up. The server is $env:USAGE_TEST_POSTGRES, else a private one in a temporary folder.

psql writes rows only. A flush also stamps prices, keeps its position and adds to the buckets that reports read, in the same
transaction; so it matters how many records share a bucket (customer, service and quarter hour), and two sets are measured:
records of one day, and the same number spread over thirty days.
#>
[CmdletBinding()]
param(
    # Records of one run, added and flushed in parts of 50,000: as many as a queue without a spool holds.
    [int] $Rows = 100000,

    # Records added by one call each.
    [int] $Calls = 10000,

    [int] $Runs = 5
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
Import-Module $root/module/UsageTracking.psd1
Add-Type -Path $root/tests/PostgresCluster.cs
. $PSScriptRoot/Peers.ps1

$work = [System.IO.Directory]::CreateTempSubdirectory('usage-bench-').FullName
$server = [UsageTracking.Testing.PostgresCluster]::FindConnectionString([ref] ($reason = ''))
if (-not $server) { throw "There is no PostgreSQL to measure against. $reason" }

$database = 'usage_bench_' + [guid]::NewGuid().ToString('N').Substring(0, 8)
Invoke-BenchPsql $server "CREATE DATABASE $database"
$target = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $server }
$target['Database'] = $database
$target = $target.ConnectionString
$targetWithoutSpool = $target -replace '127\.0\.0\.1', 'localhost'
$columns = 'customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated'

# The same store behind another name has a queue of its own: one that keeps its records in memory, to tell what the spool costs.
function Measure-AddWithoutSpool([object[]] $Record) {
    Clear-BenchTable $target
    Connect-UsageStore -ConnectionString $targetWithoutSpool
    $time = 0.0
    foreach ($part in Split-BenchRecord $Record) {
        $time += Measure-BenchTime { $part | Add-UsageRecord }
        $null = Invoke-UsageFlush -Timeout 600
    }
    Connect-UsageStore -ConnectionString $target
    $time
}

# Adds and flushes a set; returns the seconds of both.
function Measure-Ingest([object[]] $Record) {
    Clear-BenchTable $target
    $time = @{ Add = 0.0; Flush = 0.0 }
    foreach ($part in Split-BenchRecord $Record) {
        $time.Add += Measure-BenchTime { $part | Add-UsageRecord }
        $time.Flush += Measure-BenchTime { $null = Invoke-UsageFlush -Timeout 600 }
    }
    $stored = [int] (Invoke-BenchPsql $target 'SELECT count(*) FROM billing_usage_records')
    if ($stored -ne $Record.Count) { throw "$stored rows are stored where $($Record.Count) were added." }
    $time
}

function Measure-Copy([string] $Table, [string] $File) {
    Clear-BenchTable $target
    Measure-BenchTime { Invoke-BenchPsql $target "\copy $Table ($columns) FROM '$File' (FORMAT BINARY)" }
}

$outside = $env:USAGE_SPOOL
try {
    # Where records wait is settled when a store is connected for the first time.
    $env:USAGE_SPOOL = Join-Path $work 'spool'
    Connect-UsageStore -ConnectionString $target -WarningAction Ignore
    Initialize-UsageStore
    Invoke-BenchPsql $target 'CREATE TABLE bare_heap AS SELECT * FROM billing_usage_records WITH NO DATA'
    $env:USAGE_SPOOL = 'none'
    Connect-UsageStore -ConnectionString $targetWithoutSpool
    Connect-UsageStore -ConnectionString $target
    # The queue waits for the flush, so that adding and storing can be told apart.
    Set-UsageOption -BatchSize 1000000 -BatchTimeout 3600

    # Once through the front door; then the same rows as a file for psql.
    $day = New-BenchRecord $Rows -Days 1
    $month = New-BenchRecord $Rows -Days 30
    $null = Measure-Ingest $month
    $monthFile = Join-Path $work 'month.bin'
    Invoke-BenchPsql $target "\copy (SELECT $columns FROM billing_usage_records) TO '$monthFile' (FORMAT BINARY)"
    $null = Measure-Ingest $day
    $dayFile = Join-Path $work 'day.bin'
    Invoke-BenchPsql $target "\copy (SELECT $columns FROM billing_usage_records) TO '$dayFile' (FORMAT BINARY)"

    $result = foreach ($run in 0..$Runs) {
        Write-Progress -Activity 'Measuring' -Status $(if ($run) { "run $run of $Runs" } else { 'warm-up' }) -PercentComplete (100 * $run / ($Runs + 1))

        # One after the other within a run: what slows the machine slows all of them.
        $heap = Measure-Copy bare_heap $dayFile
        $dayCopy = Measure-Copy billing_usage_records $dayFile
        $dayIngest = Measure-Ingest $day
        $withoutSpool = Measure-AddWithoutSpool $day
        $monthCopy = Measure-Copy billing_usage_records $monthFile
        $monthIngest = Measure-Ingest $month
        $empty = Measure-BenchTime { $day | Test-EmptyCmdlet }
        $call = Measure-BenchTime { foreach ($i in 1..$Calls) { Add-UsageRecord -Service api -Quantity 1 } }
        $emptyCall = Measure-BenchTime { foreach ($i in 1..$Calls) { Test-EmptyCmdlet -Service api -Quantity 1 } }
        $null = Invoke-UsageFlush -Timeout 600
        if ($run) {
            [pscustomobject]@{
                Heap = $Rows / $heap; Copy = $Rows / $dayCopy; Flush = $Rows / $dayIngest.Flush; Add = $Rows / $dayIngest.Add; AddOff = $Rows / $withoutSpool
                All = $Rows / ($dayIngest.Add + $dayIngest.Flush); MonthCopy = $Rows / $monthCopy; MonthFlush = $Rows / $monthIngest.Flush
                Call = $Calls / $call; EmptyCall = $Calls / $emptyCall; AddCost = 1e6 * ($dayIngest.Add - $empty) / $Rows
            }
        }
    }
    Write-Progress -Activity 'Measuring' -Completed

    $median = Get-BenchMedian $result
    $lines = @(
        , ('psql \copy binary into a bare heap', 'Heap')
        , ('psql \copy binary into billing_usage_records', 'Copy', 'Heap', 'the bare heap')
        , ('Invoke-UsageFlush, records of a day', 'Flush', 'Copy', 'psql, same table')
        , ('Invoke-UsageFlush, the same over 30 days', 'MonthFlush', 'MonthCopy', 'psql, same table')
        , ('objects | Add-UsageRecord', 'Add', 'Copy', 'psql, same table')
        , ('objects | Add-UsageRecord', 'Add', 'AddOff', 'without a spool')
        , ('objects | Add-UsageRecord; Invoke-UsageFlush', 'All', 'Copy', 'psql, same table')
        , ('Add-UsageRecord, one call per record', 'Call', 'EmptyCall', 'an empty cmdlet')
    )
    $lines | ForEach-Object {
        $what, $figure, $peer, $peerName = $_
        [pscustomobject]@{
            What = $what
            PerSecond = $median.$figure.ToString('N0')
            Ratio = if ($peer) { Get-BenchRatio $result $figure $peer }
            To = $peerName
        }
    } | Format-Table What, @{ Name = 'PerSecond'; Expression = 'PerSecond'; Align = 'Right' }, Ratio, To -AutoSize
    'An object with a hashtable as metadata costs {0:0.00} microseconds more through Add-UsageRecord than through an empty cmdlet.' -f $median.AddCost
}
finally {
    $env:USAGE_SPOOL = $outside
    Disconnect-UsageStore
    Invoke-BenchPsql $server "DROP DATABASE IF EXISTS $database WITH (FORCE)"
    Remove-Item -LiteralPath $work -Recurse -Force
}
