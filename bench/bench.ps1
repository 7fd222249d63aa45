#Requires -Version 7.4
<#
.SYNOPSIS
Measures how fast usage gets into PostgreSQL, beside psql's binary \copy of the same rows in the same run.

.DESCRIPTION
Machines differ and are shared; a ratio to a peer measured in the same run says more than any absolute time. Every figure
is the median of the runs after one warm-up. The server is $env:USAGE_TEST_POSTGRES, else a private one in a temporary folder.
#>
[CmdletBinding()]
param(
    # Records of one run. The queue holds 50,000; more are flushed in several parts.
    [int] $Rows = 100000,

    # Records added by one call each.
    [int] $Calls = 10000,

    [int] $Runs = 5
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
Import-Module $root/module/UsageTracking.psd1
Add-Type -Path $root/tests/PostgresCluster.cs
Add-Type -AssemblyName System.Collections
. $PSScriptRoot/Peers.ps1

$work = [System.IO.Directory]::CreateTempSubdirectory('usage-bench-').FullName
$server = [UsageTracking.Testing.PostgresCluster]::FindConnectionString([ref] ($reason = ''))
if (-not $server) { throw "There is no PostgreSQL to measure against. $reason" }

$database = 'usage_bench_' + [guid]::NewGuid().ToString('N').Substring(0, 8)
Invoke-BenchPsql $server "CREATE DATABASE $database"
$target = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $server }
$target['Database'] = $database
$target = $target.ConnectionString

try {
    Connect-UsageStore -ConnectionString $target -WarningAction Ignore
    Initialize-UsageStore
    # The queue waits for the flush, so that adding and storing can be told apart.
    Set-UsageOption -BatchSize 1000000 -BatchTimeout 3600
    $records = New-BenchRecord $Rows

    # Once through the front door; then the same rows as a file for psql.
    foreach ($part in Split-BenchRecord $records) {
        $part | Add-UsageRecord
        $null = Invoke-UsageFlush -Timeout 600
    }
    $columns = 'customer_id, service_name, quantity, unit_cost, metadata, recorded_at, aggregated'
    $file = Join-Path $work 'rows.bin'
    Invoke-BenchPsql $target "\copy (SELECT $columns FROM billing_usage_records) TO '$file' (FORMAT BINARY)"
    Invoke-BenchPsql $target "CREATE TABLE bare_heap AS SELECT * FROM billing_usage_records WITH NO DATA"

    $result = foreach ($run in 0..$Runs) {
        Write-Progress -Activity 'Measuring' -Status $(if ($run) { "run $run of $Runs" } else { 'warm-up' }) -PercentComplete (100 * $run / ($Runs + 1))

        # One after the other within a run: what slows the machine slows all of them.
        Clear-BenchTable $target
        $heap = Measure-BenchTime { Invoke-BenchPsql $target "\copy bare_heap ($columns) FROM '$file' (FORMAT BINARY)" }
        $copy = Measure-BenchTime { Invoke-BenchPsql $target "\copy billing_usage_records ($columns) FROM '$file' (FORMAT BINARY)" }

        Clear-BenchTable $target
        $add = $flush = 0.0
        foreach ($part in Split-BenchRecord $records) {
            $add += Measure-BenchTime { $part | Add-UsageRecord }
            $flush += Measure-BenchTime { $null = Invoke-UsageFlush -Timeout 600 }
        }
        $stored = Invoke-BenchPsql $target 'SELECT count(*) FROM billing_usage_records'
        if ([int] $stored -ne $Rows) { throw "$stored rows are stored where $Rows were added." }

        $empty = Measure-BenchTime { $records | Test-EmptyCmdlet }
        $call = Measure-BenchTime { foreach ($i in 1..$Calls) { Add-UsageRecord -Service api -Quantity 1 } }
        $emptyCall = Measure-BenchTime { foreach ($i in 1..$Calls) { Test-EmptyCmdlet -Service api -Quantity 1 } }
        $null = Invoke-UsageFlush -Timeout 600
        if ($run) {
            [pscustomobject]@{
                Heap = $Rows / $heap; Copy = $Rows / $copy; Add = $Rows / $add; Flush = $Rows / $flush
                All = $Rows / ($add + $flush); Call = $Calls / $call; EmptyCall = $Calls / $emptyCall
                AddCost = 1e6 * ($add - $empty) / $Rows
            }
        }
    }
    Write-Progress -Activity 'Measuring' -Completed

    $median = Get-BenchMedian $result
    $(
    [pscustomobject]@{ What = 'psql \copy binary into a bare heap'; PerSecond = $median.Heap; Peer = ''; Ratio = $null }
    [pscustomobject]@{ What = 'psql \copy binary into billing_usage_records'; PerSecond = $median.Copy; Peer = 'bare heap'; Ratio = Get-BenchRatio $result Copy Heap }
    [pscustomobject]@{ What = 'Invoke-UsageFlush'; PerSecond = $median.Flush; Peer = 'psql into the same table'; Ratio = Get-BenchRatio $result Flush Copy }
    [pscustomobject]@{ What = 'objects | Add-UsageRecord'; PerSecond = $median.Add; Peer = 'psql into the same table'; Ratio = Get-BenchRatio $result Add Copy }
    [pscustomobject]@{ What = 'objects | Add-UsageRecord; Invoke-UsageFlush'; PerSecond = $median.All; Peer = 'psql into the same table'; Ratio = Get-BenchRatio $result All Copy }
    [pscustomobject]@{ What = 'Add-UsageRecord, one call per record'; PerSecond = $median.Call; Peer = 'an empty cmdlet, same loop'; Ratio = Get-BenchRatio $result Call EmptyCall }
    ) | Format-Table What, @{ Name = 'PerSecond'; Expression = { $_.PerSecond.ToString('N0') }; Align = 'Right' }, Ratio, Peer
    "An object with a hashtable as metadata costs {0:0.00} microseconds more through Add-UsageRecord than through an empty cmdlet." -f $median.AddCost
}
finally {
    Disconnect-UsageStore
    Invoke-BenchPsql $server "DROP DATABASE IF EXISTS $database WITH (FORCE)"
    Remove-Item -LiteralPath $work -Recurse -Force
}
