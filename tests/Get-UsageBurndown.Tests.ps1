BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1

    # 12 decimals, as every figure that leaves the module has.
    function Get-Share([decimal] $Limit, [decimal] $Left, [decimal] $Whole) { [math]::Round($Limit * $Left / $Whole, 12) }
}

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageBurndown on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:start = Get-Day -15
            $script:anchor = @{ AnchorDay = $start.Day }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'has these properties' {
            (Get-UsageBurndown bandwidth 100 2014-06)[0].psobject.Properties.Name | Should -Be @(
                'Date', 'Target', 'Actual', 'Projected', 'ProjectedLow', 'ProjectedHigh', 'Ahead', 'Limit', 'IsPartial'
                'At', 'DayEnd', 'PeriodStart', 'PeriodEnd', 'Service', 'Unit', 'CustomerId')
        }

        Context 'Targets' {
            It 'gives databurndown''s targets of 100 in June 2014: 96.667, 93.333 ... 0.000' {
                Set-UsageQuota bandwidth 100 -From 2014-06
                $days = Get-UsageBurndown bandwidth -Month 2014-06
                $days.Count | Should -Be 30
                $days[0].Date, $days[29].Date | Should -Be ([datetime] '2014-06-01'), ([datetime] '2014-06-30')
                $days | ForEach-Object { $_.Target.ToString('0.000', [cultureinfo]::InvariantCulture) } | Should -Be @(
                    '96.667', '93.333', '90.000', '86.667', '83.333', '80.000', '76.667', '73.333', '70.000', '66.667', '63.333', '60.000', '56.667', '53.333', '50.000'
                    '46.667', '43.333', '40.000', '36.667', '33.333', '30.000', '26.667', '23.333', '20.000', '16.667', '13.333', '10.000', '6.667', '3.333', '0.000')
                $days[0].Target, $days[1].Target, $days[2].Target, $days[28].Target, $days[29].Target |
                    Should -Be 96.666666666667, 93.333333333333, 90, 3.333333333333, 0
                $days[0].Target | Should -BeOfType decimal
            }

            It 'gives databurndown''s targets of 100 in February 2014: 96.429 ... 0' {
                $days = Get-UsageBurndown bandwidth 100 2014-02
                $days.Count | Should -Be 28
                $days[0].Target, $days[1].Target, $days[13].Target, $days[26].Target, $days[27].Target |
                    Should -Be 96.428571428571, 92.857142857143, 50, 3.571428571429, 0
                [math]::Round($days[0].Target, 3) | Should -Be 96.429
            }

            It 'is the same from a quota and from -Limit, and takes fractions' {
                Set-UsageQuota compute 0.5 -From 2014-06
                $quota = Get-UsageBurndown compute -Month 2014-06
                $limit = Get-UsageBurndown compute -Limit 0.5 -Month 2014-06
                $quota.Target | Should -Be $limit.Target
                $quota[0].Target, $quota[0].Limit | Should -Be 0.483333333333, 0.5
                (Get-UsageBurndown functions 0 2014-06).Target | Should -Be (@(0) * 30)
            }

            It 'spends more in peak hours: <Name>' -ForEach @(
                # June 2014 has 21 days from Monday to Friday, and begins on a Sunday.
                @{ Name = 'office hours, 20 to 1'; Peak = @{ PeakWeight = 20 }; Sunday = 24; Monday = 15 + 9 * 20; Whole = 9 * 24 + 21 * (15 + 9 * 20) }
                @{ Name = 'half as much'; Peak = @{ PeakWeight = '0.5' }; Sunday = 24; Monday = 19.5; Whole = 9 * 24 + 21 * 19.5 }
                @{ Name = 'other hours, 20 to 1'; Peak = @{ PeakHours = '9-10' }; Sunday = 24; Monday = 23 + 20; Whole = 9 * 24 + 21 * 43 }
                @{ Name = 'Sundays, from 9 to 18'; Peak = @{ PeakDays = 'Sunday' }; Sunday = 195; Monday = 24; Whole = 5 * 195 + 25 * 24 }
                @{ Name = 'a quiet weekend night'; Peak = @{ PeakWeight = 0; PeakHours = '22:30-6'; PeakDays = 'Sat', 'Sun' }; Sunday = 16.5; Monday = 24; Whole = 9 * 16.5 + 21 * 24 }
                @{ Name = 'every day alike'; Peak = @{ PeakWeight = 3; PeakHours = '8-12,13-17'; PeakDays = 'Mon-Sun' }; Sunday = 40; Monday = 40; Whole = 30 * 40 }
                @{ Name = 'nothing but peaks'; Peak = @{ PeakWeight = 0; PeakHours = '0-9', '18-24'; PeakDays = 'Mon-Fri' }; Sunday = 24; Monday = 9; Whole = 9 * 24 + 21 * 9 }
            ) {
                $days = Get-UsageBurndown bandwidth 100 2014-06 @Peak
                $days[0].Target | Should -Be (Get-Share 100 ($Whole - $Sunday) $Whole)
                $days[1].Target | Should -Be (Get-Share 100 ($Whole - $Sunday - $Monday) $Whole)
                $days[6].Target - $days[7].Target | Should -BeGreaterThan 0
                $days[29].Target | Should -Be 0
            }

            It 'takes peak hours by the clocks of the zone' {
                # There the day on which the clocks go forward, the 29th of March 2026, has 23 hours; the peak from 1 to 4 has two of them.
                $days = Get-UsageBurndown bandwidth 100 2026-03 -TimeZone Europe/Berlin -PeakWeight 10 -PeakHours 1-4 -PeakDays Sun
                # Five Sundays of 31 days: the 1st, 8th, 15th, 22nd and 29th.
                $whole = 26 * 24 + 4 * (21 + 30) + (21 + 20)
                $days[27].Target | Should -Be (Get-Share 100 (41 + 48) $whole)
                $days[28].Target | Should -Be (Get-Share 100 48 $whole)
            }

            It 'refuses a weight of 0 all the time' {
                { Get-UsageBurndown bandwidth 100 2014-06 -PeakWeight 0 -PeakHours 0-24 -PeakDays Mon-Sun } | Should -Throw -ErrorId 'InvalidHours,*'
            }

            It 'keeps a level: the limit is the target all along' {
                # 10 GB on the first day.
                Add-UsageRecord storage 240 -Timestamp 2014-06-01
                $days = Get-UsageBurndown storage 12 2014-06
                $days.Target | Should -Be (@(12) * 30)
                $days[0].Actual, $days[1].Actual, $days[2].Actual, $days[29].Actual | Should -Be 2, 7, 8.666666666667, 11.666666666667
                $days[1].Ahead, $days[1].Unit | Should -Be -5, GB
            }
        }

        Context 'Actual' {
            It 'is what was left at the end of each day, whose last microsecond belongs to it' {
                Set-UsageQuota bandwidth 100 -From 2014-06
                Add-UsageRecord bandwidth 50 -Timestamp '2014-05-31T23:59:59.999999Z'
                Add-UsageRecord bandwidth 2.5 -Timestamp '2014-06-01T00:00:00Z'
                Add-UsageRecord bandwidth 0.75 -Timestamp '2014-06-01T23:59:59.999999Z'
                Add-UsageRecord bandwidth 10 -Timestamp '2014-06-03T12:00:00Z'
                Add-UsageRecord bandwidth 100 -Timestamp '2014-06-30T23:59:59Z'
                Add-UsageRecord bandwidth 7 -Timestamp '2014-07-01T00:00:00Z'
                $days = Get-UsageBurndown bandwidth -Month 2014-06
                $days[0].Actual, $days[1].Actual, $days[2].Actual, $days[28].Actual, $days[29].Actual | Should -Be 96.75, 96.75, 86.75, 86.75, -13.25
                $days[0].Ahead, $days[2].Ahead, $days[29].Ahead | Should -Be 0.083333333333, -3.25, -13.25
                $days | Where-Object { $null -ne $_.Projected -or $_.IsPartial } | Should -BeNullOrEmpty
                $days[0].At, $days[0].DayEnd | Should -Be ([datetimeoffset] '2014-06-02 +0'), ([datetimeoffset] '2014-06-02 +0')
                $days[0].PeriodStart, $days[0].PeriodEnd | Should -Be ([datetimeoffset] '2014-06-01 +0'), ([datetimeoffset] '2014-07-01 +0')
            }

            It 'agrees with the records in the store' {
                foreach ($i in 1..40) { Add-UsageCompute (997 * $i) -Timestamp ([datetimeoffset] '2014-06-01 +0').AddHours(17 * $i) }
                $null = Invoke-UsageFlush
                $last = (Get-UsageBurndown compute 500 2014-06)[29].Actual
                $left = [decimal] 500
                Invoke-Sql $store "select quantity from billing_usage_records where customer_id = '$customer'" | ForEach-Object { $left -= [decimal] $_ }
                $last | Should -Be ([math]::Round($left, 12))
                [math]::Abs($last - (500 - 997 * 820 / 3600)) | Should -BeLessThan 1e-9
            }

            It 'counts only hours that count' {
                Set-UsageQuota bandwidth 100 -From 2014-06 -CountHours 8-24
                Add-UsageRecord bandwidth 10 -Timestamp '2014-06-01T07:59:59Z'
                Add-UsageRecord bandwidth 3 -Timestamp '2014-06-01T08:00:00Z'
                (Get-UsageBurndown bandwidth -Month 2014-06)[0].Actual | Should -Be 97
            }
        }

        Context 'Limits' {
            It 'does not change for a period that is over where the quota changes now' {
                Set-UsageQuota bandwidth 100 -From 2014-06
                Set-UsageQuota bandwidth 150 -From 2014-08
                Set-UsageQuota bandwidth 200 -Enforcement Hard
                Set-UsageQuota bandwidth 300 -AnchorDay 12 -CarryOver 10
                Get-UsageBurndown bandwidth -Month 2014-06 | ForEach-Object Limit | Should -Be (@(100) * 30)
                (Get-UsageBurndown bandwidth -Month 2014-06)[0].Target | Should -Be 96.666666666667
                (Get-UsageBurndown bandwidth -Month 2014-07)[0].Limit, (Get-UsageBurndown bandwidth -Month 2014-08)[0].Limit | Should -Be 100, 150
                Set-UsageQuota bandwidth -1
                (Get-UsageBurndown bandwidth -Month 2014-06)[29].Limit | Should -Be 100
            }

            It 'shows a top-up from its day on' {
                Set-UsageQuota bandwidth 100 -From 2014-06
                Add-UsageRecord bandwidth 20 -Timestamp 2014-06-05
                Add-UsageAllowance bandwidth 30 -Timestamp '2014-06-10T23:59:59.999999Z'
                Add-UsageAllowance bandwidth 15 -Timestamp '2014-06-20T00:00:00Z'
                Add-UsageAllowance bandwidth 500 -Timestamp '2014-07-01T00:00:00Z'
                $days = Get-UsageBurndown bandwidth -Month 2014-06
                $days[8, 9, 18, 19, 29].Limit | Should -Be 100, 130, 130, 145, 145
                $days[8, 9, 18, 19, 29].Actual | Should -Be 80, 110, 110, 125, 125
                $days[9].Target, $days[19].Target, $days[29].Target | Should -Be (Get-Share 130 20 30), (Get-Share 145 10 30), 0
            }

            It 'has what came over from the period before; -Limit does not' {
                Set-UsageQuota bandwidth 100 -CarryOver 50 -From 2014-05
                Add-UsageRecord bandwidth 40 -Timestamp 2014-05-15
                $days = Get-UsageBurndown bandwidth -Month 2014-06
                $days[0].Limit, $days[0].Actual, $days[0].Target | Should -Be 130, 130, (Get-Share 130 29 30)
                (Get-UsageBurndown bandwidth 100 2014-06)[0].Limit | Should -Be 100
            }
        }

        Context 'Periods' {
            It 'takes the anchored period that begins in the month' {
                Set-UsageQuota bandwidth 100 -AnchorDay 31 -From 2014-01-31
                $days = Get-UsageBurndown bandwidth -Month 2014-02
                $days.Count, $days[0].Date, $days[-1].Date | Should -Be 31, ([datetime] '2014-02-28'), ([datetime] '2014-03-30')
                $days[0].Target, $days[-1].Target | Should -Be (Get-Share 100 30 31), 0
                $days = Get-UsageBurndown bandwidth -Month 2014-01
                $days.Count, $days[0].Date, $days[-1].Date | Should -Be 28, ([datetime] '2014-01-31'), ([datetime] '2014-02-27')
            }

            It 'takes a plan''s period to its end where that is on a later day of the month than its start' {
                # Of a subscription that began on a 31st.
                Add-Plan $store $customer "p-$customer" "'api', 310, null, 'soft', 'monthly'" -Start '2026-02-28T10:00:00Z' -End '2026-03-31T10:00:00Z'
                (Get-UsageBurndown api -Month 2026-02)[-1].PeriodEnd | Should -Be ([datetimeoffset] '2026-03-31T10:00:00Z')
                (Get-UsageBurndown api -Month 2026-03)[0].PeriodStart | Should -Be ([datetimeoffset] '2026-03-31T10:00:00Z')
                (Get-UsageBurndown api -Month 2026-04)[0].PeriodStart | Should -Be ([datetimeoffset] '2026-04-30T10:00:00Z')
                Add-Plan $store "$customer-2" "p-$customer" @() -Start '2026-01-31T00:00:00Z' -End '2026-02-28T00:00:00Z'
                (Get-UsageBurndown api -Month 2026-01 -CustomerId "$customer-2")[-1].PeriodEnd | Should -Be ([datetimeoffset] '2026-02-28 +0')
                (Get-UsageBurndown api -Month 2026-03 -CustomerId "$customer-2")[0].PeriodStart | Should -Be ([datetimeoffset] '2026-03-31 +0')
            }

            It 'takes the year that a month is in where a quota goes by years' {
                Add-Plan $store $customer "p-$customer" "'api', 365, null, 'soft', 'yearly'" -Start '2023-03-10 +0' -End '2024-03-10 +0'
                $days = Get-UsageBurndown api -Month 2025-06
                $days.Count, $days[0].Date | Should -Be 365, ([datetime] '2025-03-10')
                (Get-UsageBurndown api -Month 2025-03)[0].Date | Should -Be ([datetime] '2025-03-10')
            }

            It 'takes weeks' {
                Set-UsageQuota bandwidth 70 -Period Weekly -From 2014-06-02
                $days = Get-UsageBurndown bandwidth -Start 2014-06-18
                $days.Count, $days[0].Date.DayOfWeek | Should -Be 5, Wednesday
                $days = Get-UsageBurndown bandwidth -End 2014-06-18
                $days.Count, $days[0].Date | Should -Be 3, ([datetime] '2014-06-16')
            }

            It 'takes any range with -Start and -End, the day named by the end included' {
                $days = Get-UsageBurndown bandwidth 10 -From 2014-06-28 -To 2014-07-02
                $days.Date | Should -Be ('2014-06-28', '2014-06-29', '2014-06-30', '2014-07-01', '2014-07-02' | ForEach-Object { [datetime] $_ })
                $days.Target | Should -Be 8, 6, 4, 2, 0
                $days = Get-UsageBurndown bandwidth 10 -Start '2014-06-28T12:00:00Z' -End '2014-06-30T00:00:00Z'
                # Half a day, and a whole one.
                $days.Target | Should -Be (Get-Share 10 1 1.5), 0
                { Get-UsageBurndown bandwidth 10 -Start 2014-06-28 -End 2014-06-01 } | Should -Throw -ErrorId 'InvalidRange,*'
                { Get-UsageBurndown bandwidth 10 -Month 2014-06 -Start 2014-06-01 } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
            }

            It 'has days as the clocks of the zone have them: each counts as one, of 23 hours or of 25' {
                Set-UsageQuota bandwidth 62 -TimeZone Europe/Berlin -From 2025-12
                Add-UsageRecord bandwidth 5 -Timestamp '2026-03-28T22:59:59Z' # the last second of the 28th
                Add-UsageRecord bandwidth 3 -Timestamp '2026-03-28T23:00:00Z' # the first of the 29th
                Add-UsageRecord bandwidth 2 -Timestamp '2026-03-29T21:59:59Z' # its last, two hours ahead of UTC
                Add-UsageRecord bandwidth 7 -Timestamp '2026-03-29T22:00:00Z'
                $days = Get-UsageBurndown bandwidth -Month 2026-03
                $days.Count | Should -Be 31
                $days[27, 28, 29].Target | Should -Be 6, 4, 2
                $days[26, 27, 28, 29].Actual | Should -Be 62, 57, 52, 45
                $days[28].DayEnd.ToString('o') | Should -Be '2026-03-30T00:00:00.0000000+02:00'
                $days[0].PeriodStart.ToString('o') | Should -Be '2026-03-01T00:00:00.0000000+01:00'
                $days[0].PeriodEnd.ToString('o') | Should -Be '2026-04-01T00:00:00.0000000+02:00'
                # The quota's zone goes before the session's.
                (Get-UsageBurndown bandwidth -Month 2026-03 -TimeZone Asia/Tokyo)[0].PeriodStart.Offset | Should -Be ([timespan] '1:00')
                $autumn = Get-UsageBurndown bandwidth 62 2025-10 -TimeZone Europe/Berlin
                $autumn[25].DayEnd - $autumn[24].DayEnd | Should -Be ([timespan]::FromHours(25))
                $autumn[25].Target | Should -Be 10
            }

            It 'is of the calendar month without a quota, by the clocks of -TimeZone' {
                $days = Get-UsageBurndown api 100 2014-06 -TimeZone Asia/Tokyo
                $days[0].PeriodStart.ToString('o') | Should -Be '2014-06-01T00:00:00.0000000+09:00'
                $local = [System.TimeZoneInfo]::ConvertTimeBySystemTimeZoneId([datetimeoffset]::UtcNow, 'Pacific/Kiritimati')
                $days = Get-UsageBurndown api 100 -TimeZone Pacific/Kiritimati -WarningAction SilentlyContinue
                $days[0].Date.ToString('yyyy-MM-dd') | Should -Be $local.ToString('yyyy-MM-01')
                ($days | Where-Object IsPartial).Date | Should -Be $local.Date
            }
        }

        Context 'Today and what is to come' {
            BeforeEach {
                Set-UsageQuota bandwidth 300 @anchor
                $script:length = [int] ((Get-UsageQuota).PeriodEnd - $start).TotalDays
            }

            It 'marks today, measures it now, and compares it with the target at this moment' {
                1..3 | ForEach-Object { Add-UsageRecord bandwidth 10 -Timestamp (Get-Day -$_) }
                Add-UsageRecord bandwidth 4
                $before = [datetimeoffset]::UtcNow
                $days = Get-UsageBurndown bandwidth
                $after = [datetimeoffset]::UtcNow
                $days.Count | Should -Be $length
                $days | Where-Object IsPartial | ForEach-Object Date | Should -Be (Get-Day 0).Date
                $today = $days[15]
                $today.Actual, $today.Limit | Should -Be 266, 300
                $today.Target | Should -Be (Get-Share 300 ($length - 16) $length)
                $today.At | Should -BeGreaterOrEqual $before.AddMilliseconds(-1)
                $today.At | Should -BeLessOrEqual $after
                # What should be left falls on, from one moment to the next.
                $today.Ahead | Should -BeGreaterOrEqual (266 - 300 * (1 - ($before.AddMilliseconds(-1) - $start).TotalDays / $length))
                $today.Ahead | Should -BeLessOrEqual (266 - 300 * (1 - ($after - $start).TotalDays / $length))
                $days[14].Ahead | Should -Be (270 - $days[14].Target)
            }

            It 'knows nothing yet of days to come' {
                $days = Get-UsageBurndown bandwidth -WarningAction SilentlyContinue
                $coming = $days[16..($length - 1)]
                $coming | Where-Object { $null -ne $_.Actual -or $null -ne $_.Ahead -or $_.IsPartial } | Should -BeNullOrEmpty
                $days[-1].Target | Should -Be 0
                $next = Get-UsageBurndown bandwidth -Month $days[-1].PeriodEnd -WarningVariable warning
                $next | Where-Object { $null -ne $_.Actual -or $null -ne $_.Projected } | Should -BeNullOrEmpty
                $warning | Should -BeNullOrEmpty
            }

            It 'warns instead of projecting where fewer than three days are known' {
                Add-UsageRecord bandwidth 200 -Timestamp (Get-Day -1)
                Add-UsageRecord bandwidth 50
                $days = Get-UsageBurndown bandwidth -WarningVariable warning -WarningAction SilentlyContinue
                $days | Where-Object { $null -ne $_.Projected -or $null -ne $_.ProjectedLow -or $null -ne $_.ProjectedHigh } | Should -BeNullOrEmpty
                "$warning" | Should -BeLike "No projection of bandwidth for '$customer' yet: fewer than 3 complete days are known."
                Add-UsageRecord bandwidth 1 -Timestamp (Get-Day -3)
                $days = Get-UsageBurndown bandwidth -WarningVariable warning
                $days[15].Projected | Should -Not -Be $null
                $warning | Should -BeNullOrEmpty
            }

            It 'projects from today on, with the low below and the high above' {
                $use = 3, 12, 7, 9, 1, 14, 8
                -40..-1 | ForEach-Object { Add-UsageRecord bandwidth $use[($_ + 70) % 7] -Timestamp (Get-Day $_).AddHours(9) }
                $days = Get-UsageBurndown bandwidth
                $days[0..14] | Where-Object { $null -ne $_.Projected -or $null -ne $_.ProjectedLow -or $null -ne $_.ProjectedHigh } | Should -BeNullOrEmpty
                foreach ($day in $days[15..($length - 1)]) {
                    $day.ProjectedLow | Should -BeLessThan $day.Projected
                    $day.ProjectedHigh | Should -BeGreaterThan $day.Projected
                    $day.ProjectedHigh | Should -BeLessOrEqual $days[15].Actual
                }
                # The further away, the less is known.
                ($days[-1].ProjectedHigh - $days[-1].ProjectedLow) | Should -BeGreaterThan ($days[16].ProjectedHigh - $days[16].ProjectedLow)
            }

            It 'goes on at the mean rate of the period, drawn towards that of the days before' {
                # 20 a day before the period, 5 a day in it, nothing yet today.
                -75..-16 | ForEach-Object { Add-UsageRecord bandwidth 20 -Timestamp (Get-Day $_) }
                -15..-1 | ForEach-Object { Add-UsageRecord bandwidth 5 -Timestamp (Get-Day $_) }
                $days = Get-UsageBurndown bandwidth
                $now = $days[15].At
                # What was before weighs a quarter of the period.
                $elapsed = ($now - $start).TotalDays
                $rate = (75 + $length / 4 * 20) / ($elapsed + $length / 4)
                $expected = 225 - $rate * ($days[-1].DayEnd - $now).TotalDays
                [math]::Abs($days[-1].Projected - $expected) | Should -BeLessThan 0.0001
            }

            It 'has no scatter where all days were alike' {
                -75..-1 | ForEach-Object { Add-UsageRecord bandwidth 5 -Timestamp (Get-Day $_) }
                $days = Get-UsageBurndown bandwidth
                foreach ($day in $days[15..($length - 1)]) { $day.ProjectedLow, $day.ProjectedHigh | Should -Be $day.Projected, $day.Projected }
            }

            It 'shows what was added a moment ago' {
                Add-UsageRecord bandwidth 1.25
                (Get-UsageBurndown bandwidth -WarningAction SilentlyContinue)[15].Actual | Should -Be 298.75
            }
        }

        Context 'Which' {
            It 'takes every quota with a limit by default, in the order of the catalogue' {
                Set-UsageQuota compute 5 -From 2014-06
                Set-UsageQuota api 100 -From 2014-06
                Set-UsageQuota database -1 -From 2014-06
                (Get-UsageBurndown -Month 2014-06).Service | Select-Object -Unique | Should -Be api, compute
                (Get-UsageBurndown c*, API -Month 2014-06).Service | Select-Object -Unique | Should -Be api, compute
            }

            It 'takes several customers, and quotas down the pipeline' {
                foreach ($who in 'a', 'b') { Set-UsageQuota api 100 -CustomerId "$customer-$who" -From 2014-06 }
                (Get-UsageBurndown api -Month 2014-06 -CustomerId "$customer-*").CustomerId | Select-Object -Unique | Should -Be "$customer-a", "$customer-b"
                (Get-UsageQuota -CustomerId "$customer-b" | Get-UsageBurndown -Month 2014-06).Count | Should -Be 30
            }

            It 'has a plan''s quota' {
                Add-Plan $store $customer "p-$customer" "'bandwidth', 100, 'GB', 'soft', 'monthly'", "'database', 5, 'connections', 'soft', 'monthly'" -Start $start -End $start.AddMonths(1)
                $days = Get-UsageBurndown -WarningAction SilentlyContinue
                $days.Service | Select-Object -Unique | Should -Be bandwidth
                $days[0].PeriodStart, $days[0].Limit | Should -Be $start, 100
            }

            It 'says where there is no quota to burn down, and what would do' {
                { Get-UsageBurndown } | Should -Throw -ErrorId 'QuotaNotFound,*' -ExpectedMessage "*no quota with a limit for '$customer'*Set-UsageQuota*"
                { Get-UsageBurndown api } | Should -Throw -ErrorId 'QuotaNotFound,*' -ExpectedMessage '*-Limit*'
                Set-UsageQuota api -1
                { Get-UsageBurndown api } | Should -Throw -ErrorId 'QuotaNotFound,*' -ExpectedMessage '*has no limit*'
                (Get-UsageBurndown api 100 2014-06).Count | Should -Be 30
                Set-UsageQuota compute 5
                { Get-UsageBurndown compute -Month 2014-06 } | Should -Throw -ErrorId 'QuotaNotFound,*' -ExpectedMessage '*at that time*'
                Add-Plan $store $customer "p-$customer" "'database', 5, 'connections', 'soft', 'monthly'" -Start $start -End $start.AddMonths(1)
                { Get-UsageBurndown database } | Should -Throw -ErrorId 'QuotaNotFound,*' -ExpectedMessage '*counts connections*'
                # A limit given here counts what the service does.
                $days = Get-UsageBurndown database 100 -WarningAction SilentlyContinue
                $days[0].Unit, $days[0].Limit, $days[0].Actual | Should -Be queries, 100, 100
            }

            It 'goes on with the others where one has no quota' {
                Set-UsageQuota compute 5 -From 2014-06
                $days = Get-UsageBurndown api, compute -Month 2014-06 -ErrorAction SilentlyContinue -ErrorVariable errors
                $errors.FullyQualifiedErrorId | Should -BeLike 'QuotaNotFound,*'
                $days.Count, $days[0].Service | Should -Be 30, compute
            }

            It 'refuses <Arguments>: <ErrorId>' -ForEach @(
                @{ Arguments = @{ Service = 'nosuch' }; ErrorId = 'UnknownService' }
                @{ Arguments = @{ CustomerId = 'nobody' }; ErrorId = 'CustomerNotFound' }
                @{ Arguments = @{ Limit = '1,5' }; ErrorId = 'InvalidQuantity' }
                @{ Arguments = @{ Limit = -1 }; ErrorId = 'InvalidQuantity' }
                @{ Arguments = @{ PeakWeight = -1 }; ErrorId = 'InvalidQuantity' }
                @{ Arguments = @{ PeakWeight = '1,5' }; ErrorId = 'InvalidQuantity' }
                @{ Arguments = @{ PeakHours = '9-25' }; ErrorId = 'InvalidHours' }
                @{ Arguments = @{ PeakDays = 'Caturday' }; ErrorId = 'InvalidHours' }
                @{ Arguments = @{ Month = 'June' }; ErrorId = 'InvalidTimestamp' }
                @{ Arguments = @{ Month = '0001-01' }; ErrorId = 'InvalidTimestamp' }
                @{ Arguments = @{ Month = [datetimeoffset]::MaxValue }; ErrorId = 'InvalidTimestamp' }
                @{ Arguments = @{ Start = '0001-01-01'; End = '2026' }; ErrorId = 'InvalidTimestamp' }
                @{ Arguments = @{ TimeZone = 'Mars/Olympus' }; ErrorId = 'InvalidTimeZone' }
            ) {
                $all = @{ Service = 'api'; Limit = 100 }
                $Arguments.GetEnumerator() | ForEach-Object { $all[$_.Key] = $_.Value }
                { Get-UsageBurndown @all } | Should -Throw -ErrorId "$ErrorId,*"
            }
        }

        It 'shows what it is about, three decimals, and no more than 100 columns' {
            Set-UsageQuota bandwidth 123456.789 @anchor
            -40..-1 | ForEach-Object { Add-UsageRecord bandwidth (4000 + 10 * $_) -Timestamp (Get-Day $_) }
            $text = (Get-UsageBurndown bandwidth | Out-String -Width 200) -replace '\x1b\[[0-9;]*m'
            $end = (Get-UsageQuota).PeriodEnd.ToString('yyyy-MM-dd')
            $text | Should -Match "(?m)^ +Burn-down: bandwidth of $customer, in GB, $($start.ToString('yyyy-MM-dd')) to $end\s*$"
            $text | Should -Match '(?m)^Date +Target +Actual +Ahead +Projected +Low +High +Limit +Day\s*$'
            $text | Should -Match "(?m)^$((Get-Day 0).ToString('yyyy-MM-dd')) .* 123\.46K not over\s*$"
            ($text -split '\r?\n' | ForEach-Object { $_.TrimEnd().Length } | Measure-Object -Maximum).Maximum | Should -BeLessOrEqual 100

            $text = (Get-UsageBurndown bandwidth 100 2014-06 | Out-String -Width 200) -replace '\x1b\[[0-9;]*m'
            $text | Should -Match '(?m)^2014-06-01 96\.667 100\.000 +\+3\.333 +100\s*$'
            $text | Should -Match '(?m)^2014-06-30 +0\.000 100\.000 \+100\.000 +100\s*$'
        }
    }
}

Describe 'Get-UsageBurndown' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Get-UsageBurndown -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
