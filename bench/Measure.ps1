# How bench.ps1 measures, and what it measures against.

# Seconds that something takes.
function Measure-Duration([scriptblock] $Body) {
    [GC]::Collect()
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $null = . $Body
    $watch.Elapsed.TotalSeconds
}

# Runs everything after one warm-up, one after the other within a run: what slows the machine slows all of them.
# $Body writes a hashtable of figures by name; the runs come back as objects.
function Invoke-Run([string] $What, [int] $Runs, [scriptblock] $Body) {
    foreach ($run in 0..$Runs) {
        Write-Progress -Activity $What -Status $(if ($run) { "run $run of $Runs" } else { 'warm-up' }) -PercentComplete (100 * $run / ($Runs + 1))
        $figures = & $Body
        if ($run) { [pscustomobject] $figures }
    }
    Write-Progress -Activity $What -Completed
}

function Get-Median([double[]] $Value) {
    $sorted = @($Value | Sort-Object)
    $sorted[[int][Math]::Floor($sorted.Count / 2)]
}

# A line of a table. A ratio is that of the two figures run by run, the median of them; above 1 we are faster than the peer.
function Get-Line([string] $What, [object[]] $Run, [string] $Figure, [string] $Peer, [string] $PeerName, [switch] $Seconds, [double] $Count = 1) {
    $median = Get-Median ($Run | ForEach-Object { $_.$Figure })
    [pscustomobject]@{
        What = $What
        Figure = $Seconds ? (Format-Time $median) : (Format-Number ($Count / $median))
        Ratio = $Peer ? (Get-Median ($Run | ForEach-Object { $_.$Peer / $_.$Figure })).ToString('0.00') : ''
        Peer = $PeerName
    }
}

function Format-Number([double] $Value) { $Value.ToString('N0', [cultureinfo]::InvariantCulture) }

function Format-Time([double] $Seconds) {
    $Seconds -lt 1 ? [string]::Format([cultureinfo]::InvariantCulture, '{0:0.#} ms', 1000 * $Seconds) : [string]::Format([cultureinfo]::InvariantCulture, '{0:0.00} s', $Seconds)
}

function Write-Table([string] $Title, [string] $Unit, [object[]] $Line, [string] $Text) {
    $script:slower += $Line | Where-Object { $_.Ratio -and [double] $_.Ratio -lt 0.95 } | ForEach-Object { "- $($Title): $($_.What): $($_.Ratio) of $($_.Peer)." }
    $table = $Line | Format-Table What, @{ Name = $Unit; Expression = 'Figure'; Align = 'Right' }, @{ Name = 'Ratio'; Expression = 'Ratio'; Align = 'Right' }, @{ Name = 'To'; Expression = 'Peer' } -AutoSize |
        Out-String -Width 160
    $table = ($table.Trim() -split '\r?\n').TrimEnd() -join "`n"
    "## $Title`n`n$(if ($Text) { "$Text`n`n" })``````text`n$table`n``````"
}

function Get-PsqlArgument([string] $ConnectionString) {
    $part = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $ConnectionString }
    '--host', $part['Host'], '--port', $part['Port'], '--username', $part['Username'], '--dbname', $part['Database'], '--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1'
}

function Invoke-Psql([string] $ConnectionString, [string[]] $Command, [string] $File) {
    $bin = [UsageTracking.Testing.PostgresCluster]::FindBinDirectory()
    $psql = $bin ? (Join-Path $bin 'psql') : 'psql'
    $what = $File ? @('--file', $File) : @($Command | ForEach-Object { '--command', $_ })
    $output = & $psql @(Get-PsqlArgument $ConnectionString) --tuples-only --no-align @what 2>&1
    if ($LASTEXITCODE) { throw "psql: $output" }
    $output | Where-Object { $_ -is [string] }
}

# Seconds that a statement takes on the server and the way back, without starting psql.
function Measure-Psql([string] $ConnectionString, [string] $Sql) {
    $time = Invoke-Psql $ConnectionString '\timing on', $Sql | Where-Object { $_ -match '^Time: ([\d.]+) ms' } | Select-Object -Last 1
    [double] ($time -replace '^Time: ([\d.]+) ms.*', '$1') / 1000
}

# A fresh database of the bench's server, with our tables.
function Open-BenchDatabase([string] $Name) {
    $null = Invoke-Psql $server "CREATE DATABASE $Name"
    $databases.Add($Name)
    $target = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $server }
    $target['Database'] = $Name
    Connect-UsageStore -ConnectionString $target.ConnectionString -WarningAction Ignore
    Initialize-UsageStore -Confirm:$false
    $target.ConnectionString
}

function Clear-BenchTable([string] $ConnectionString) {
    $null = Invoke-Psql $ConnectionString 'TRUNCATE billing_usage_records, usage_buckets', 'CHECKPOINT'
}

# A PowerShell of its own that runs a script of this folder; what it writes comes back.
function Open-BenchShell([string] $Script, [string[]] $Argument) {
    $start = [System.Diagnostics.ProcessStartInfo]::new([Environment]::ProcessPath)
    '-NoProfile', '-NonInteractive', '-File', "$PSScriptRoot/$Script" + $Argument | ForEach-Object { $start.ArgumentList.Add($_) }
    $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    [System.Diagnostics.Process]::Start($start)
}

function Receive-BenchShell([System.Diagnostics.Process] $Process) {
    $errors = $Process.StandardError.ReadToEndAsync()
    $output = $Process.StandardOutput.ReadToEnd()
    $Process.WaitForExit()
    if ($Process.ExitCode -or $errors.Result) { throw "A session of the bench failed: $($errors.Result)$output" }
    $output.Trim() -split '\r?\n'
}
