# Reports at different sizes, and whether adding stays as fast as a store grows.

function Measure-Report {
    $all = $Sizes + $(if ($Large) { 50000000 })
    $growth = $null
    $lines = foreach ($size in $all) {
        $target = Open-BenchDatabase "$prefix`_reports_$size"
        Write-Progress -Activity 'Reports' -Status "adding $(Format-Number $size) records"
        $session = @(Receive-BenchShell (Open-BenchShell Session.ps1 $module, $events, $target, $size, 30, 10, 'customer-', '', 1000000))
        if ($size -le 10000000) { $growth = $session }
        $null = Invoke-Psql $target 'VACUUM ANALYZE billing_usage_records', 'VACUUM ANALYZE usage_buckets'
        $where = "FROM billing_usage_records WHERE customer_id = 'customer-1' AND recorded_at >= now() - interval '30 days'"
        $start = [DateTimeOffset]::UtcNow.AddDays(-30)
        $reports = @(
            , ('Get-Usage', { Get-Usage -CustomerId customer-1 -Start $start }, "SELECT service_name, sum(quantity), sum(quantity * unit_cost), count(*) $where GROUP BY 1")
            , ('Measure-Usage Daily', { Measure-Usage Daily -CustomerId customer-1 -Start $start },
                "SELECT service_name, date_trunc('day', recorded_at), count(*), sum(quantity), sum(quantity * unit_cost), avg(quantity), min(quantity), max(quantity) $where GROUP BY 1, 2 ORDER BY 2 DESC")
            , ('Get-UsagePeak api', { Get-UsagePeak api -CustomerId customer-1 -Start $start },
                "SELECT date_trunc('hour', recorded_at), sum(quantity), count(*) $where AND service_name = 'api' GROUP BY 1 ORDER BY 2 DESC LIMIT 10")
            , ('Get-UsageStatistic api', { Get-UsageStatistic api 30 -CustomerId customer-1 },
                "SELECT count(*), sum(quantity), avg(quantity), min(quantity), max(quantity), percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY quantity) $where AND service_name = 'api'")
            , ('Measure-Usage -GroupBy endpoint', { Measure-Usage Monthly -GroupBy endpoint -Service api -CustomerId customer-1 -Start $start },
                "SELECT metadata->>'endpoint', date_trunc('month', recorded_at), count(*), sum(quantity), sum(quantity * unit_cost) $where AND service_name = 'api' GROUP BY 1, 2")
            , ('Get-UsageRecord -First 100', { Get-UsageRecord -CustomerId customer-1 -First 100 -Start $start }, "SELECT * $where ORDER BY recorded_at DESC, usage_id DESC LIMIT 100")
        )
        foreach ($report in $reports) {
            $name, $ours, $theirs = $report
            $result = Invoke-Run "$name of $(Format-Number $size)" ([Math]::Min(3, $Runs)) { @{ Ours = Measure-Duration $ours; Sql = Measure-Psql $target $theirs } }
            Get-Line "$name, $(Format-Number $size) records" $result Ours Sql 'the same by SQL over the rows' -Seconds
        }
        if ($size -le 1000000) { $script:exported = $target }
    }
    Write-Table 'Reports' 'Time' $lines @"
A customer's 30 days, of ten customers. Statistics, groups and records read rows; the others read buckets, so they cost what the
range costs, not what the number of records does.
"@

    $steps = $growth | Where-Object { $_ -match '^at \d+000000 ' } | ForEach-Object {
        $null, $at, $seconds, $memory = $_ -split ' '
        [pscustomobject]@{ What = "record $(Format-Number ($at - 999999)) to $(Format-Number $at)"; PerSecond = 1e6 / [double] $seconds; Memory = [long] $memory }
    }
    $done = $growth[-1] -split ' '
    $flat = foreach ($step in $steps) {
        [pscustomobject]@{ What = $step.What; Figure = Format-Number $step.PerSecond; Ratio = ($step.PerSecond / $steps[0].PerSecond).ToString('0.00'); Peer = 'the first million' }
    }
    if (@($steps).Count -lt 2) { return }
    Write-Table 'Ten million records by one session' 'Records/s' $flat @"
Each million from its first object to its last row committed; $(Format-Number (1e7 / [double] $done[1])) records/s over all. The session took at most $([Math]::Round([long] $done[3] / 1MB)) MB of memory (peak working set).
"@
}
