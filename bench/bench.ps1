#Requires -Version 7.4
<#
.SYNOPSIS
Measures the module beside its peers, and writes docs/performance.md.

.DESCRIPTION
Machines differ and are shared; a ratio to a peer measured in the same run says more than any absolute time. Every figure
is the median of the runs after one warm-up. The server is $env:USAGE_TEST_POSTGRES, else a private one in a temporary folder.
Takes about a quarter of an hour.

.EXAMPLE
./build.ps1 -Task Bench -Part Ingest, IngestSqlite -NoFile

Measures these parts and writes no file.
#>
[CmdletBinding()]
param(
    # Records of one run.
    [int] $Rows = 500000,

    # Records added by one call each.
    [int] $Calls = 20000,

    # Rows that psql inserts one by one.
    [int] $Inserts = 2000,

    [int] $Runs = 5,

    # Records in the stores that are reported on.
    [long[]] $Sizes = @(100000, 1000000, 10000000),

    # Reports over 50 million records too, which takes about 10 GB of disk.
    [switch] $Large,

    # Only print.
    [switch] $NoFile,

    # Only these parts.
    [ValidateSet('Ingest', 'IngestSqlite', 'Flush', 'Writer', 'Report', 'Export', 'Startup')]
    [string[]] $Part = @('Ingest', 'IngestSqlite', 'Flush', 'Writer', 'Report', 'Export', 'Startup')
)

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$module = Convert-Path "$root/module/UsageTracking.psd1"
Import-Module $module
Add-Type -Path "$root/tests/PostgresCluster.cs"
foreach ($file in 'Measure', 'Ingest', 'Writers', 'Reports', 'Files', 'Startup') { . "$PSScriptRoot/$file.ps1" }

$work = [System.IO.Directory]::CreateTempSubdirectory('usage-bench-').FullName
$server = [UsageTracking.Testing.PostgresCluster]::FindConnectionString([ref] ($reason = ''))
if (-not $server) { throw "There is no PostgreSQL to measure against. $reason" }

$events = "$work/Events.dll"
Add-Type -Path "$PSScriptRoot/Events.cs" -OutputAssembly $events
Import-Module -Assembly (Add-Type -Path $events -PassThru)[0].Assembly

# Beside the module's own libraries, where the peer finds the same SQLite.
Add-Type -Path "$PSScriptRoot/SqlitePeer.cs" -ReferencedAssemblies "$root/module/bin/Microsoft.Data.Sqlite.dll", System.Data.Common, System.Runtime, System.Collections, System.ComponentModel.Primitives, netstandard -OutputAssembly "$work/SqlitePeer.dll" -IgnoreWarnings -WarningAction Ignore
$context = [System.Runtime.Loader.AssemblyLoadContext]::GetLoadContext([UsageTracking.Loader.LoadContext]::CmdletAssembly)
$script:sqlitePeer = $context.LoadFromAssemblyPath("$work/SqlitePeer.dll").GetType('UsageTracking.Bench.SqlitePeer')

$script:prefix = 'usage_bench_' + [guid]::NewGuid().ToString('N').Substring(0, 8)
$databases = [System.Collections.Generic.List[string]]::new()
$script:slower = @()
$outside = $env:USAGE_SPOOL, $env:USAGE_STORE
try {
    $env:USAGE_SPOOL = "$work/spool"
    $processor = if (Test-Path /proc/cpuinfo) { (Get-Content /proc/cpuinfo | Where-Object { $_ -match '^model name\s*:\s*(.+)' } | Select-Object -First 1) -replace '^model name\s*:\s*' } else { $env:PROCESSOR_IDENTIFIER }
    $memory = [GC]::GetGCMemoryInfo().TotalAvailableMemoryBytes
    # Exports read what the reports were measured on.
    if ('Export' -in $Part -and 'Report' -notin $Part) { $Part = @('Report') + $Part }
    $parts = foreach ($name in $Part) { & "Measure-$name" }
    $page = @(
        '# Performance'
        "What ``./build.sh bench`` printed. Machines differ and are shared: the ratio to a peer measured in the same run is what counts. It is
above 1 where we are faster; the figure is the median of the runs, the ratio that of the runs' ratios."
        "$([DateTime]::UtcNow.ToString('yyyy-MM-dd')); UsageTracking $((Get-Module UsageTracking).Version); $processor, $([Environment]::ProcessorCount) cores, $([Math]::Round($memory / 1GB)) GB; $([System.Runtime.InteropServices.RuntimeInformation]::OSDescription); PowerShell $($PSVersionTable.PSVersion) on $([System.Runtime.InteropServices.RuntimeInformation]::FrameworkDescription);
PostgreSQL $((Invoke-Psql $server 'SHOW server_version') -replace ' .*') with its default settings, on the same cores as everything else."
        $parts
        '## Where we are slower than the peer'
        ($script:slower ? $script:slower -join "`n" : 'Nowhere.')
    ) -join "`n`n"
    $page
    if (-not $NoFile) { Set-Content "$root/docs/performance.md" $page }
}
finally {
    Disconnect-UsageStore
    $env:USAGE_SPOOL, $env:USAGE_STORE = $outside
    foreach ($database in $databases) { $null = Invoke-Psql $server "DROP DATABASE IF EXISTS $database WITH (FORCE)" }
    Remove-Item -LiteralPath $work -Recurse -Force -ErrorAction Ignore
}
