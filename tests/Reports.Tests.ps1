# Every report on a generated year equals what a query by hand finds in the same records, in five zones, on both stores.

BeforeDiscovery {
    . $PSScriptRoot/Common.ps1
    $script:zones = 'UTC', 'Europe/London', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'
}
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/ReferenceUsage.ps1
    if (-not $env:USAGE_TEST_POSTGRES) { return }

    $script:now = [datetimeoffset]::UtcNow
    $script:records = Get-ReferenceUsage -Now $now
    $script:database = New-ReferenceDatabase $records -Path (Join-Path $TestDrive 'reference.csv')
    $script:invariant = [cultureinfo]::InvariantCulture
    $script:clock = 'yyyy-MM-dd HH:mm:ss.ffffffzzz'

    # The lines that the query finds; the same for both stores, so asked for once.
    $script:known = @{}
    function Get-Reference([string] $Sql) {
        if (-not $known.ContainsKey($Sql)) { $known[$Sql] = [string[]] @(Invoke-Psql $database $Sql) }
        , $known[$Sql]
    }

    # Nothing where both have the same lines, in the same order if that counts; else how they differ.
    function Compare-Line([string[]] $Actual, [string[]] $Expected, [switch] $AnyOrder) {
        if (-not $Expected) { return 'The query finds nothing: the test tests nothing.' }
        if ($AnyOrder) {
            $Actual, $Expected = $Actual.Clone(), $Expected.Clone()
            [array]::Sort($Actual, [System.StringComparer]::Ordinal)
            [array]::Sort($Expected, [System.StringComparer]::Ordinal)
        }
        if ([System.Linq.Enumerable]::SequenceEqual($Actual, $Expected)) { return }

        $difference = Compare-Object ($Expected ?? @()) ($Actual ?? @()) -CaseSensitive -SyncWindow 500
        "$($Actual.Count) lines, expected $($Expected.Count)"
        if (-not $difference) { 'in another order' }
        $difference | Select-Object -First 12 | ForEach-Object { "$($_.SideIndicator -eq '<=' ? 'missing' : 'not expected'): $($_.InputObject)" }
    }

    # The first instant of the period that a record's time, at, is in.
    function Get-PeriodSql([string] $Kind, [string] $Zone) {
        if ($Kind -ne 'Hourly') {
            $unit = @{ Daily = 'day'; Weekly = 'week'; Monthly = 'month' }[$Kind]
            return "date_trunc('$unit', at at time zone '$Zone') at time zone '$Zone'"
        }

        # The local hour, taken back by the offset that holds at the time.
        $hour = "(date_trunc('hour', at at time zone '$Zone') - ((at at time zone '$Zone') - (at at time zone 'UTC'))) at time zone 'UTC'"
        if ($Zone -ne 'Australia/Lord_Howe') { return $hour }

        # Back from 02:00+11:00 to 01:30+10:30, and on from 02:00+10:30 to 02:30+11:00: a period of half an hour each.
        "case when at >= '2025-04-05 15:00Z' and at < '2025-04-05 15:30Z' then timestamptz '2025-04-05 15:00Z'
              when at >= '2025-10-04 15:30Z' and at < '2025-10-04 16:00Z' then timestamptz '2025-10-04 15:30Z' else $hour end"
    }

    # A range in every way the tests give it, for the cmdlet and for the query.
    function Get-TestRange([string] $Name, [string] $Zone) {
        switch ($Name) {
            Odd { @{ Start = '2025-02-13T03:07:11.123457Z'; End = '2025-10-04T15:37:00.000001Z'; From = "timestamptz '2025-02-13 03:07:11.123457Z'"; To = "timestamptz '2025-10-04 15:37:00.000001Z'" } }
            Short { @{ Start = '2025-05-15T10:01:00Z'; End = '2025-05-15T10:09:00.000001Z'; From = "timestamptz '2025-05-15 10:01Z'"; To = "timestamptz '2025-05-15 10:09:00.000001Z'" } }
            Edge { @{ Start = '2025-06-29T23:59:59.999999Z'; End = '2025-07-01T00:00:00.000001Z'; From = "timestamptz '2025-06-29 23:59:59.999999Z'"; To = "timestamptz '2025-07-01 00:00:00.000001Z'" } }
            March { @{ Start = '2025-03'; End = '2025-03'; From = "(timestamp '2025-03-01' at time zone '$Zone')"; To = "(timestamp '2025-04-01' at time zone '$Zone')" } }
            October { @{ Start = '2025-10-01'; End = '2025-10-31'; From = "(timestamp '2025-10-01' at time zone '$Zone')"; To = "(timestamp '2025-11-01' at time zone '$Zone')" } }
            Year { @{ Start = '2025'; End = '2025'; From = "(timestamp '2025-01-01' at time zone '$Zone')"; To = "(timestamp '2026-01-01' at time zone '$Zone')" } }
        }
    }

    function Get-CustomerSql([string[]] $Customer) { $Customer -eq '*' ? 'true' : "customer in ('$($Customer -join "', '")')" }

    # Runs the report and the query of a test about the last days; again, should some zone's midnight pass in between.
    function Compare-Recent([scriptblock] $Report, [scriptblock] $Sql, [switch] $AnyOrder) {
        do {
            $quarterHour = [math]::Floor([datetimeoffset]::UtcNow.ToUnixTimeSeconds() / 900)
            $instant = [datetimeoffset]::UtcNow.ToString('yyyy-MM-dd HH:mm:ss.ffffffzzz', $invariant)
            $lines = & $Report
            $expected = Get-Reference (& $Sql "timestamptz '$instant'")
        } while ([math]::Floor([datetimeoffset]::UtcNow.ToUnixTimeSeconds() / 900) -ne $quarterHour)
        Compare-Line $lines $expected -AnyOrder:$AnyOrder
    }

    filter Format-Usage { "$($_.CustomerId) $($_.Service) $($_.Quantity) $($_.Unit) $($_.UnitCost) $($_.Cost) $($_.Events) $($_.Start.ToString($clock, $invariant)) $($_.End.ToString($clock, $invariant))" }
    filter Format-Day { "$($_.Date.ToString('yyyy-MM-dd', $invariant)) $($_.Service) $($_.CustomerId) $($_.Quantity) $($_.UnitCost) $($_.Cost) $($_.Events) $($_.Start.ToString($clock, $invariant)) $($_.End.ToString($clock, $invariant))" }
    filter Format-Measure { "$($_.Period.ToString($clock, $invariant)) $($_.Service) $($_.CustomerId) $($_.EventCount) $($_.TotalQuantity) $($_.TotalCost) $($_.AverageQuantity) $($_.MinimumQuantity) $($_.MaximumQuantity)" }
    filter Format-Group([string[]] $Key) { "$($_ | Format-Measure) $(foreach ($k in $Key) { "[$($_.Group[$k] ?? 'null')]" })" }
    filter Format-Peak { "$($_.Period.ToString($clock, $invariant)) $($_.Service) $($_.CustomerId) $($_.TotalUsage) $($_.EventCount) $($_.PeriodKind)" }
    filter Format-Record { "$($_.Timestamp.ToString($clock, $invariant)) $($_.CustomerId) $($_.Service) $($_.Quantity) $($_.UnitCost) $($_.TotalCost) [$($_.Metadata.endpoint ?? 'null')] [$($_.Metadata.method ?? 'null')]" }
    filter Format-Statistic { "$($_.CustomerId) $($_.Service) $($_.TotalEvents) $($_.TotalQuantity) $($_.AverageQuantity) $($_.MinimumQuantity) $($_.MaximumQuantity) $($_.MedianQuantity) $($_.P95Quantity) $($_.P99Quantity) $($_.Start.ToString($clock, $invariant))" }
    filter Format-Trend { "$($_.Date.ToString('yyyy-MM-dd', $invariant)) $($_.Service) $($_.CustomerId) $($_.DailyTotal) $($_.PreviousDay) $($null -eq $_.PercentChange ? '' : [math]::Round($_.PercentChange, 12).ToString('0.############', $invariant)) $($_.IsPartial)" }
    filter Format-Anomaly { "$($_.Period.ToString($clock, $invariant)) $($_.Service) $($_.CustomerId) $($_.Expected) $($_.Actual) $([math]::Round($_.Score, 6).ToString('0.######', $invariant)) $([math]::Round($_.Spread, 6).ToString('0.######', $invariant)) $($_.Weeks)" }

    $script:measured = 'count(*), quotient(sum(quantity), 1), quotient(sum(quantity * unit_cost), 1), quotient(sum(quantity), count(*)), trim_scale(min(quantity)), trim_scale(max(quantity))'

    function Get-MeasureSql([string] $Kind, [string] $Zone, [hashtable] $Range, [string[]] $Customer = '*') {
        @"
        with periods as (select $(Get-PeriodSql $Kind $Zone) as period, * from reference where at >= $($Range.From) and at < $($Range.To) and $(Get-CustomerSql $Customer))
        select concat_ws(' ', clock(period, '$Zone'), service, customer, $measured)
        from periods join catalogue using (service) group by period, position, service, customer order by period desc, position, customer
"@
    }

    function Get-GroupSql([string] $Kind, [string] $Zone, [hashtable] $Range, [string[]] $Key, [string[]] $Customer = '*') {
        @"
        with periods as (select $(Get-PeriodSql $Kind $Zone) as period, * from reference where at >= $($Range.From) and at < $($Range.To) and $(Get-CustomerSql $Customer))
        select concat_ws(' ', clock(period, '$Zone'), service, customer, $measured, $(($Key | ForEach-Object { "'[' || coalesce($_, 'null') || ']'" }) -join ', '))
        from periods group by period, service, customer, $($Key -join ', ')
"@
    }

    function Get-PeakSql([string] $Kind, [string] $Zone, [hashtable] $Range, [string[]] $Customer, [int] $First) {
        @"
        with periods as (select $(Get-PeriodSql $Kind $Zone) as period, * from reference where at >= $($Range.From) and at < $($Range.To) and $(Get-CustomerSql $Customer))
        select concat_ws(' ', clock(period, '$Zone'), service, customer, quotient(sum(quantity), 1), count(*), '$Kind')
        from periods join catalogue using (service) group by period, position, service, customer
        order by sum(quantity) desc, period desc, position, customer limit $First
"@
    }

    function Get-UsageSql([string] $Zone, [hashtable] $Range, [string] $Customer) {
        @"
        select concat_ws(' ', c.customer, k.service, quotient(coalesce(sum(quantity), 0), 1), unit, price, quotient(coalesce(sum(quantity * unit_cost), 0), 1), count(at), clock($($Range.From), '$Zone'), clock($($Range.To), '$Zone'))
        from (select distinct customer from reference where $(Get-CustomerSql $Customer)) as c cross join catalogue as k
        left join reference as r on r.customer = c.customer and r.service = k.service and at >= $($Range.From) and at < $($Range.To)
        group by c.customer, position, k.service, unit, price order by c.customer, position
"@
    }

    function Get-DaySql([string] $Zone, [hashtable] $Range, [string] $Customer) {
        @"
        with days as (
            select day, greatest(day at time zone '$Zone', $($Range.From)) as first, least((day + interval '1 day') at time zone '$Zone', $($Range.To)) as last
            from generate_series(date_trunc('day', $($Range.From) at time zone '$Zone'), ($($Range.To) - interval '1 microsecond') at time zone '$Zone', interval '1 day') as day)
        select concat_ws(' ', to_char(day, 'YYYY-MM-DD'), k.service, c.customer, quotient(coalesce(sum(quantity), 0), 1), price, quotient(coalesce(sum(quantity * unit_cost), 0), 1), count(at), clock(first, '$Zone'), clock(last, '$Zone'))
        from days cross join (select distinct customer from reference where $(Get-CustomerSql $Customer)) as c cross join catalogue as k
        left join reference as r on r.customer = c.customer and r.service = k.service and at >= first and at < last
        group by day, first, last, c.customer, position, k.service, price order by day desc, position, c.customer
"@
    }

    function Get-RecordSql([string] $Zone, [hashtable] $Range) {
        @"
        select concat_ws(' ', clock(at, '$Zone'), customer, service, trim_scale(quantity), trim_scale(unit_cost), quotient(quantity * unit_cost, 1), '[' || coalesce(endpoint, 'null') || ']', '[' || coalesce(method, 'null') || ']')
        from reference where at >= $($Range.From) and at < $($Range.To)
"@
    }

    # With n values in order, counted from 0, percentile p is the one at (n - 1) * p, between its two neighbours if need be.
    function Get-StatisticSql([string] $Zone, [string] $Now, [int] $Days, [string[]] $Customer) {
        $percentile = { "max(quantity) filter (where rank = floor((n - 1) * $args)) + (max(quantity) filter (where rank = ceil((n - 1) * $args)) - max(quantity) filter (where rank = floor((n - 1) * $args))) * ((max(n) - 1) * $args - floor((max(n) - 1) * $args))" }
        @"
        with first as (select (date_trunc('day', $Now at time zone '$Zone') - interval '$Days days') at time zone '$Zone' as at),
        ranked as (
            select *, row_number() over (partition by customer, service order by quantity) - 1 as rank, count(*) over (partition by customer, service) as n
            from reference where at >= (select at from first) and at < $Now and $(Get-CustomerSql $Customer))
        select concat(c.customer, ' ', k.service, ' ', count(r.at), ' ', quotient(coalesce(sum(quantity), 0), 1), ' ', case when count(r.at) > 0 then quotient(sum(quantity), count(r.at)) end, ' ', trim_scale(min(quantity)), ' ', trim_scale(max(quantity)), ' ',
            quotient($(& $percentile 0.5), 1), ' ', quotient($(& $percentile 0.95), 1), ' ', quotient($(& $percentile 0.99), 1), ' ', clock((select at from first), '$Zone'))
        from (select distinct customer from reference where $(Get-CustomerSql $Customer)) as c cross join catalogue as k
        left join ranked as r on r.customer = c.customer and r.service = k.service
        group by c.customer, position, k.service order by c.customer, position
"@
    }

    function Get-TrendSql([string] $Zone, [string] $Now, [int] $Days, [string[]] $Customer) {
        @"
        with today as (select date_trunc('day', $Now at time zone '$Zone') as today),
        totals as (
            select customer, service, date_trunc('day', at at time zone '$Zone') as day, sum(quantity) as total
            from reference, today where at < $Now and at at time zone '$Zone' >= today - interval '$($Days + 1) days' and $(Get-CustomerSql $Customer) group by 1, 2, 3),
        lines as (
            select day, today, customer, service, position, coalesce(t.total, 0) as total, coalesce(y.total, 0) as previous
            from today cross join generate_series(today - interval '$Days days', today, interval '1 day') as day
            cross join (select distinct customer, service from totals) as used join catalogue using (service)
            left join totals as t using (customer, service, day)
            left join (select customer, service, day + interval '1 day' as day, total from totals) as y using (customer, service, day))
        select concat(to_char(day, 'YYYY-MM-DD'), ' ', service, ' ', customer, ' ', quotient(total, 1), ' ', quotient(previous, 1), ' ',
            case when previous > 0 and day < today then quotient((total - previous) * 100, previous) end, ' ', case when day = today then 'True' else 'False' end)
        from lines order by day desc, position, customer
"@
    }

    # Every period of the eight weeks before the range and of the range, made of its quarter hours. What is usual is the
    # median of the whole periods with the same local hour and weekday in the eight weeks before, from the first use on;
    # at least four. The spread is the median distance from it, but a tenth of the average use per period at least.
    function Get-AnomalySql([string] $Kind, [string] $Zone, [string] $From, [string] $To, [string[]] $Customer, [string] $Floor) {
        $key = $Kind -eq 'Hourly' ? "date_trunc('hour', q at time zone '$Zone') as local, (q at time zone '$Zone') - (q at time zone 'UTC') as shift"
        : "date_trunc('day', q at time zone '$Zone') as local, interval '0' as shift"
        @"
        with history as (select (date_trunc('day', $From at time zone '$Zone') - interval '56 days') at time zone '$Zone' as first),
        quarters as materialized (
            select q, $key from history, generate_series(first, date_trunc('hour', $To) + interval '90 minutes', interval '15 minutes') as q),
        periods as materialized (
            select local, shift, min(q) as period, max(q) + interval '15 minutes' as finish from quarters group by local, shift),
        used as materialized (
            select customer, service, local, shift, sum(quantity) as total from reference join quarters on q = date_bin('15 minutes', at, '2000-01-01 00:00Z')
            where at < $To and $(Get-CustomerSql $Customer) group by 1, 2, 3, 4),
        totals as materialized (
            select customer, service, period, total from used join periods on used.local = periods.local and used.shift = periods.shift),
        series as materialized (
            select customer, service, first, $($Floor ? $Floor : '0.1000000000000000000000000 * total / (select count(*) from periods where period >= first and period < ' + $To + ')') as floor
            from (select customer, service, min(period) as first, sum(total) as total from totals group by 1, 2) as s),
        cells as materialized (
            select customer, service, period, finish, local, coalesce(t.total, 0) as total, floor
            from series join periods on period >= first and period < $To left join totals as t using (customer, service, period)),
        usual as materialized (
            select *, array_agg(total) over w as sample, array_agg(local::date) over w as days from cells
            where finish <= $To and finish - period >= interval '1 hour'
            window w as (partition by customer, service, extract(dow from local), extract(hour from local) order by local range between '56 days' preceding and '7 days' preceding)),
        judged as materialized (
            select *, median(sample) as expected, (select count(distinct day) from unnest(days) as day) as weeks
            from usual where period >= $From and cardinality(sample) >= 4 and (total <> 0 or (select max(v) from unnest(sample) as v) > 0)),
        spreads as materialized (
            select *, greatest((select median(array_agg(abs(v - expected))) from unnest(sample) as v), floor) as spread from judged where weeks >= 4),
        scored as materialized (select *, quotient(total - expected, 1.4826 * spread) as score from spreads where spread > 0)
        select concat_ws(' ', clock(period, '$Zone'), service, customer, quotient(expected, 1), quotient(total, 1), trim_scale(quotient(score * 0.000001, 1) * 1000000), trim_scale(quotient(spread * 0.000001, 1) * 1000000), weeks)
        from scored join catalogue using (service) where abs(score) >= $($Floor ? 0.1 : 3.5) order by period desc, position, customer
"@
    }
}
AfterAll { Remove-TestStore $database }

foreach ($kind in Get-TestStore) {
    Describe "Reports on a year in $($kind.Kind)" -ForEach $kind -Skip:(-not $env:USAGE_TEST_POSTGRES) {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId c07
            $records | Add-UsageRecord
            $script:flush = Invoke-UsageFlush -Timeout 00:02:00
        }
        AfterAll { Remove-TestStore $store }

        It 'begin with every record stored' {
            $flush.Committed, $flush.Rejected, $flush.Remaining | Should -Be $records.Count, 0, 0
            Invoke-Psql $database 'select count(*) from reference' | Should -Be $records.Count
        }

        Context 'in <_>' -ForEach $zones {
            BeforeAll { $script:zone = $_ }

            It 'have Get-Usage of <_>' -ForEach 'Odd', 'Short', 'Edge', 'March', 'Year' {
                $range = Get-TestRange $_ $zone
                $cut = @{ Start = $range.Start; End = $range.End; TimeZone = $zone }
                Compare-Line (Get-Usage @cut | Format-Usage) (Get-Reference (Get-UsageSql $zone $range c07)) | Should -BeNullOrEmpty
                Compare-Line (Get-Usage -CustomerId * @cut | Format-Usage) (Get-Reference (Get-UsageSql $zone $range *)) | Should -BeNullOrEmpty
            }

            It 'have Get-Usage -Detailed' {
                $year, $edge = (Get-TestRange Year $zone), (Get-TestRange Edge $zone)
                Compare-Line (Get-Usage -Start 2025 -End 2025 -TimeZone $zone -Detailed | Format-Day) (Get-Reference (Get-DaySql $zone $year c07)) | Should -BeNullOrEmpty
                Compare-Line (Get-Usage -Start $edge.Start -End $edge.End -TimeZone $zone -Detailed -CustomerId * | Format-Day) (Get-Reference (Get-DaySql $zone $edge *)) | Should -BeNullOrEmpty
            }

            It 'have Measure-Usage <_> of the whole year' -ForEach 'Hourly', 'Daily', 'Weekly', 'Monthly' {
                $customer = $_ -eq 'Hourly' ? @('c01', 'c02', 'c03', 'c20') : '*'
                $lines = Measure-Usage $_ -CustomerId $customer -Start 2025 -End 2025 -TimeZone $zone | Format-Measure
                Compare-Line $lines (Get-Reference (Get-MeasureSql $_ $zone (Get-TestRange Year $zone) $customer)) | Should -BeNullOrEmpty
            }

            It 'have Measure-Usage <_> between odd instants' -ForEach 'Hourly', 'Daily', 'Weekly', 'Monthly' {
                foreach ($name in 'Odd', 'Edge', 'Short') {
                    $range = Get-TestRange $name $zone
                    $lines = Measure-Usage $_ -CustomerId c01, c07 -Start $range.Start -End $range.End -TimeZone $zone | Format-Measure
                    Compare-Line $lines (Get-Reference (Get-MeasureSql $_ $zone $range c01, c07)) | Should -BeNullOrEmpty
                }
            }

            It 'have Measure-Usage by metadata' {
                $cut = @{ CustomerId = '*'; TimeZone = $zone }
                $year, $odd = (Get-TestRange Year $zone), (Get-TestRange Odd $zone)
                $lines = Measure-Usage Monthly -Start 2025 -End 2025 -GroupBy endpoint @cut | Format-Group endpoint
                Compare-Line $lines (Get-Reference (Get-GroupSql Monthly $zone $year endpoint)) -AnyOrder | Should -BeNullOrEmpty
                $cut.CustomerId = 'c01', 'c07', 'c20'
                $lines = Measure-Usage Weekly -Start $odd.Start -End $odd.End -GroupBy endpoint, method @cut | Format-Group endpoint, method
                Compare-Line $lines (Get-Reference (Get-GroupSql Weekly $zone $odd endpoint, method -Customer $cut.CustomerId)) -AnyOrder | Should -BeNullOrEmpty
            }

            It 'have Get-UsagePeak <_>' -ForEach 'Hourly', 'Daily', 'Weekly', 'Monthly' {
                $year, $odd = (Get-TestRange Year $zone), (Get-TestRange Odd $zone)
                $lines = Get-UsagePeak -Period $_ -First 60 -CustomerId * -Start 2025 -End 2025 -TimeZone $zone | Format-Peak
                Compare-Line $lines (Get-Reference (Get-PeakSql $_ $zone $year * 60)) | Should -BeNullOrEmpty
                $lines = Get-UsagePeak -Period $_ -Start $odd.Start -End $odd.End -TimeZone $zone | Format-Peak
                Compare-Line $lines (Get-Reference (Get-PeakSql $_ $zone $odd c07 10)) | Should -BeNullOrEmpty
            }

            It 'have Get-UsageRecord' {
                foreach ($name in 'March', 'Edge') {
                    $range = Get-TestRange $name $zone
                    $found = Get-UsageRecord -CustomerId * -Start $range.Start -End $range.End -TimeZone $zone
                    Compare-Line ($found | Format-Record) (Get-Reference (Get-RecordSql $zone $range)) -AnyOrder | Should -BeNullOrEmpty
                    $keys = [string[]] @($found | ForEach-Object { '{0:d19} {1:d19}' -f $_.Timestamp.UtcTicks, $_.Id })
                    $sorted = $keys.Clone()
                    [array]::Sort($sorted, [System.StringComparer]::Ordinal)
                    [array]::Reverse($sorted)
                    Compare-Line $keys $sorted | Should -BeNullOrEmpty
                }
            }

            It 'have Get-UsageStatistic of <_> days' -ForEach 1, 30, 650 {
                $days = $_
                Compare-Recent { Get-UsageStatistic -Days $days -CustomerId * -TimeZone $zone | Format-Statistic } { Get-StatisticSql $zone $args[0] $days * } | Should -BeNullOrEmpty
            }

            It 'have Get-UsageTrend of <_> days' -ForEach 0, 7, 40 {
                $days = $_
                Compare-Recent { Get-UsageTrend -Days $days -CustomerId * -TimeZone $zone | Format-Trend } { Get-TrendSql $zone $args[0] $days * } | Should -BeNullOrEmpty
            }

            It 'have Get-UsageAnomaly <_>' -ForEach 'Hourly', 'Daily' {
                $kind = $_
                Compare-Recent { Get-UsageAnomaly -Period $kind -CustomerId * -TimeZone $zone | Format-Anomaly } {
                    Get-AnomalySql $kind $zone "((date_trunc('day', $($args[0]) at time zone '$zone') - interval '7 days') at time zone '$zone')" $args[0] *
                } | Should -BeNullOrEmpty
            }

            It 'have Get-UsageAnomaly <Kind> from <Start> to <End>' -ForEach @(
                @{ Kind = 'Hourly'; Start = '2025-06-15'; End = '2025-08-31'; Customer = 'c18', 'c20' }
                @{ Kind = 'Daily'; Start = '2025-03-01'; End = '2025-12-31'; Customer = 'c01', 'c18', 'c20' }
            ) {
                $lines = Get-UsageAnomaly -Period $Kind -CustomerId $Customer -Start $Start -End $End -TimeZone $zone | Format-Anomaly
                $from, $to = "(timestamp '$Start' at time zone '$zone')", "((timestamp '$End' + interval '1 day') at time zone '$zone')"
                Compare-Line $lines (Get-Reference (Get-AnomalySql $Kind $zone $from $to $Customer)) | Should -BeNullOrEmpty
            }

            # Nearly all of the hours are listed that some clock skips or shows twice.
            It 'have Get-UsageAnomaly -Threshold 0.1 -Floor 1 from <Start> to <End>, when clocks change' -ForEach @(
                @{ Start = '2025-03-09'; End = '2025-06-08' }
                @{ Start = '2025-10-05'; End = '2025-12-31' }
            ) {
                $lines = Get-UsageAnomaly functions -CustomerId c20 -Start $Start -End $End -TimeZone $zone -Threshold 0.1 -Floor 1 | Format-Anomaly
                $from, $to = "(timestamp '$Start' at time zone '$zone')", "((timestamp '$End' + interval '1 day') at time zone '$zone')"
                $sql = (Get-AnomalySql Hourly $zone $from $to c20 -Floor 1).Replace("customer in ('c20')", "customer = 'c20' and service = 'functions'")
                Compare-Line $lines (Get-Reference $sql) | Should -BeNullOrEmpty
            }
        }

        It 'leave Compare-Usage and Update-UsageSummary nothing to find' {
            Compare-Usage | Should -BeNullOrEmpty
            $update = Update-UsageSummary -Start 2024 -End $now.AddDays(2)
            $update.Buckets, $update.Records | Should -Be 0, 0
        }
    }
}
