# What it costs to begin.

function Measure-Startup {
    $shell = [Environment]::ProcessPath
    $run = { param([string] $Command) Measure-Seconds { & $shell -NoProfile -NonInteractive -Command $Command } }
    $runs = Invoke-Run 'Start' ([Math]::Max(7, $Runs)) {
        $file = "$work/start-$([guid]::NewGuid()).db"
        $empty = & $run '$null'
        @{
            Empty = $empty
            Import = (& $run "Import-Module '$module'") - $empty
            OneLine = (& $run "Import-Module '$module'; Connect-UsageStore '$file'; Add-UsageApiRequest /; Invoke-UsageFlush") - $empty
        }
    }
    Write-Table 'Start' 'Time' @(
        New-Line 'pwsh -NoProfile, empty' $runs Empty -Seconds
        New-Line 'Import-Module, beyond that' $runs Import -Seconds
        New-Line 'import, a new SQLite store, one record and a flush, beyond that' $runs OneLine -Seconds
    ) ''
}
