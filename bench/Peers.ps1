# What bench.ps1 measures with and against.

# A cmdlet that does nothing: what PowerShell itself charges for a call and for an object.
Add-Type -PassThru -TypeDefinition @'
using System.Management.Automation;

[Cmdlet("Test", "EmptyCmdlet")]
public sealed class TestEmptyCmdletCommand : PSCmdlet
{
    [Parameter(ValueFromPipeline = true)]
    public object InputObject { get; set; }

    [Parameter(Position = 0)]
    public string Service { get; set; }

    [Parameter(Position = 1)]
    public object Quantity { get; set; }
}
'@ | ForEach-Object Assembly | Select-Object -First 1 | ForEach-Object { Import-Module -Assembly $_ -Scope Global }

# Requests up to now in order of time, from three customers, as a log would give them.
function New-BenchRecord {
    [System.Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'It only writes to the pipeline.')]
    [CmdletBinding()]
    param([int] $Count, [double] $Days)

    $span = [timespan]::FromDays($Days)
    $start = [DateTimeOffset]::UtcNow - $span
    $step = $span / $Count
    foreach ($i in 0..($Count - 1)) {
        [pscustomobject]@{
            CustomerId = "customer-$($i % 3)"
            Service = if ($i % 4) { 'api' } else { 'bandwidth' }
            Quantity = if ($i % 4) { 1 } else { 0.000488d * ($i % 97) }
            Timestamp = $start + ($i * $step)
            Metadata = @{ endpoint = "/api/users/$($i % 500)"; method = 'GET'; status = 200 }
        }
    }
}

# As many as a queue without a spool holds.
function Split-BenchRecord([object[]] $Record) {
    for ($i = 0; $i -lt $Record.Count; $i += 50000) {
        , $Record[$i..([Math]::Min($i + 50000, $Record.Count) - 1)]
    }
}

function Measure-BenchTime([scriptblock] $Work) {
    [GC]::Collect()
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $null = . $Work
    $watch.Elapsed.TotalSeconds
}

function Get-BenchMedian([object[]] $Run) {
    $median = [ordered]@{}
    foreach ($name in $Run[0].psobject.Properties.Name) {
        $sorted = @($Run | ForEach-Object { $_.$name } | Sort-Object)
        $median[$name] = $sorted[[int][Math]::Floor($sorted.Count / 2)]
    }
    [pscustomobject] $median
}

# The median of the ratios pair by pair: what slowed one half of a run slowed the other.
function Get-BenchRatio([object[]] $Run, [string] $Name, [string] $Peer) {
    $sorted = @($Run | ForEach-Object { $_.$Name / $_.$Peer } | Sort-Object)
    [Math]::Round($sorted[[int][Math]::Floor($sorted.Count / 2)], 2)
}

function Clear-BenchTable([string] $ConnectionString) {
    Invoke-BenchPsql $ConnectionString 'TRUNCATE billing_usage_records, usage_buckets, bare_heap'
    Invoke-BenchPsql $ConnectionString 'CHECKPOINT'
}

function Invoke-BenchPsql([string] $ConnectionString, [string] $Sql) {
    $part = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $ConnectionString }
    $bin = [UsageTracking.Testing.PostgresCluster]::FindBinDirectory()
    $psql = if ($bin) { Join-Path $bin 'psql' } else { 'psql' }
    $output = & $psql --host $part['Host'] --port $part['Port'] --username $part['Username'] --dbname $part['Database'] `
        --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --command $Sql 2>&1
    if ($LASTEXITCODE) { throw "psql: $output" }
    $output | Where-Object { $_ -is [string] }
}
