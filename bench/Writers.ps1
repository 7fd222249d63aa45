# Several sessions at once, each a process.

function Measure-Writer {
    $target = Open-BenchDatabase "$prefix`_writers"
    $lines = foreach ($shared in $true, $false) {
        $result = Invoke-Run "Writers, $($shared ? 'one customer' : 'several customers')" ([Math]::Min(3, $Runs)) {
            $figures = @{}
            foreach ($writers in 1, 2, 4) {
                Clear-BenchTable $target
                $gate = "$work/gate-$([guid]::NewGuid())"
                $sessions = foreach ($i in 1..$writers) {
                    Open-BenchShell Session.ps1 $module, $events, $target, ($Rows * 2 / $writers), 1, ($shared ? 1 : 3), ($shared ? 'shared-' : "customer-$i-"), $gate
                }
                while (@(Get-Item "$gate.*" -ErrorAction Ignore).Count -lt $writers) { Start-Sleep -Milliseconds 20 }
                $null = New-Item $gate
                $done = $sessions | ForEach-Object { @(Receive-BenchShell $_)[-1] -split ' ' | Select-Object -Skip 1 | Join-String -Separator ' ' }
                $figures["W$writers"] = ($done | ForEach-Object { [double] ($_ -split ' ')[0] } | Measure-Object -Maximum).Maximum
                $left = $done | ForEach-Object { [long] ($_ -split ' ')[1] } | Measure-Object -Sum
                $stored = [long] (Invoke-Psql $target "SELECT count(*) FROM billing_usage_records WHERE customer_id NOT LIKE 'warm-up-%'")
                if ($left.Sum -or $stored -ne 2 * $Rows) { throw "$stored of $(2 * $Rows) records were stored by $writers writers." }
                # The queues cannot agree with a table that was emptied between the runs.
                if (Compare-Usage -CustomerId * | Where-Object Kind -EQ Buckets) { throw 'Reports and records do not agree.' }
            }
            $figures
        }
        $whose = $shared ? 'on one customer' : 'on customers of their own'
        Get-Line "1 writer, $whose" $result W1 -Count (2 * $Rows)
        Get-Line "2 writers, $whose" $result W2 W1 '1 writer' -Count (2 * $Rows)
        Get-Line "4 writers, $whose" $result W4 W1 '1 writer' -Count (2 * $Rows)
    }
    Write-Table 'Several writers' 'Records/s' $lines @"
$(Format-Number (2 * $Rows)) records, by that many sessions at once. Every record was stored once, and reports and records agreed
(Compare-Usage). With $([Environment]::ProcessorCount) cores for the sessions and the server together, one session already keeps $([Environment]::ProcessorCount -le 2 ? 'them' : 'several') busy.
"@
}
