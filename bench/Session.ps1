#Requires -Version 7.4
# A session of the bench: adds events to a store, stores them, and says how it went, a line each.
param(
    [string] $Module,
    # The compiled Events.cs: the compiler would stay in the session's memory.
    [string] $Events,
    [string] $Address,
    [long] $Count,
    [double] $Days,
    [int] $Customers,
    [string] $Prefix,
    # A file that says when to begin; this session's own, beside it, says that it is ready.
    [string] $Gate,
    # How many events are added, flushed and told of at a time.
    [long] $Step = [long]::MaxValue
)

$ErrorActionPreference = 'Stop'
Import-Module $Module
Add-Type -Path $Events
Connect-UsageStore $Address
# So that what is measured is not the compiling of it.
[UsageTracking.Bench.Events]::Make(5000, 1, 1, 'warm-up-') | Add-UsageRecord
$null = Invoke-UsageFlush -Timeout 600
if ($Gate) {
    $null = New-Item "$Gate.$PID"
    while (-not (Test-Path $Gate)) { Start-Sleep -Milliseconds 5 }
}

$watch = [System.Diagnostics.Stopwatch]::StartNew()
$left = 0L
for ($at = 0L; $at -lt $Count; $at += $part) {
    $part = [Math]::Min($Step, $Count - $at)
    $from = $watch.Elapsed
    # In order of time: the first part is the oldest.
    [UsageTracking.Bench.Events]::Make($part, $Days * $part / $Count, $Customers, $Prefix, $Days * ($Count - $at - $part) / $Count) | Add-UsageRecord
    $flush = Invoke-UsageFlush -Timeout 3600
    $left += $flush.Remaining + $flush.Rejected + $flush.Duplicates
    [string]::Format([cultureinfo]::InvariantCulture, 'at {0} {1:0.000} {2}', $at + $part, ($watch.Elapsed - $from).TotalSeconds, [Environment]::WorkingSet)
}
[string]::Format([cultureinfo]::InvariantCulture, 'done {0:0.000} {1} {2}', $watch.Elapsed.TotalSeconds, $left, [System.Diagnostics.Process]::GetCurrentProcess().PeakWorkingSet64)
