# What it costs to begin.

function Measure-Startup {
    $shell = [Environment]::ProcessPath
    $start = { param([string] $Command) Measure-Duration { & $shell -NoProfile -NonInteractive -Command $Command } }
    $result = Invoke-Run 'Start' ([Math]::Max(7, $Runs)) {
        $file = "$work/start-$([guid]::NewGuid()).db"
        $empty = & $start '$null'
        @{
            Empty = $empty
            Import = (& $start "Import-Module '$module'") - $empty
            OneLine = (& $start "Import-Module '$module'; Connect-UsageStore '$file'; Add-UsageApiRequest /; Invoke-UsageFlush") - $empty
        }
    }
    Write-Table 'Start' 'Time' @(
        Get-Line 'pwsh -NoProfile, empty' $result Empty -Seconds
        Get-Line 'Import-Module, beyond that' $result Import -Seconds
        Get-Line 'import, a new SQLite store, one record and a flush, beyond that' $result OneLine -Seconds
    ) ''
}
