BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1
}

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageQuota on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            # A period that began 15 days ago, whatever today is.
            $script:start = Get-Day -15
            $script:anchor = @{ AnchorDay = $start.Day }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'has these properties' {
            Set-UsageQuota api 100
            (Get-UsageQuota).psobject.Properties.Name | Should -Be @(
                'Service', 'Limit', 'Used', 'Remaining', 'Percent', 'Level', 'Unit', 'Kind', 'PeriodStart', 'PeriodEnd', 'RunsOutAt'
                'Enforcement', 'CarriedOver', 'Allowances', 'Period', 'AnchorDay', 'CarryOver', 'CountHours', 'CountDays', 'TimeZone'
                'PlanName', 'CustomerId')
        }

        It 'sums the usage of the period, and not a microsecond of another' {
            Set-UsageQuota bandwidth 100 @anchor
            Add-UsageRecord bandwidth 1000 -Timestamp $start.AddTicks(-10)
            Add-UsageRecord bandwidth 30.25 -Timestamp $start
            Add-UsageRecord bandwidth 2.5 -Timestamp (Get-Day -3)
            Add-UsageRecord bandwidth 500 -Timestamp (Get-Day -3) -CustomerId other
            Add-UsageRecord api 7
            $quota = Get-UsageQuota
            $quota.Service, $quota.Limit, $quota.Used, $quota.Remaining, $quota.Percent | Should -Be bandwidth, 100, 32.75, 67.25, 32.75
            "$($quota.Level) $($quota.Kind) $($quota.Unit) $($quota.Enforcement)" | Should -Be 'Ok Sum GB Soft'
            $quota.PeriodStart | Should -Be $start
            $quota.Limit, $quota.Used, $quota.Remaining, $quota.Percent | ForEach-Object { $_ | Should -BeOfType decimal }
        }

        It 'lists the quotas by customer and in the order of the catalogue, and nothing where there is none' {
            Get-UsageQuota | Should -BeNullOrEmpty
            Set-UsageQuota functions 1 -CustomerId "$customer-b"
            Set-UsageQuota bandwidth 1 -CustomerId "$customer-a"
            Set-UsageQuota api 1 -CustomerId "$customer-a"
            Get-UsageQuota -CustomerId "$customer*" | ForEach-Object { "$($_.CustomerId -replace '.*-') $($_.Service)" } | Should -Be 'a api', 'a bandwidth', 'b functions'
            (Get-UsageQuota B*, FUNCTIONS -CustomerId "$customer-*").Service | Should -Be bandwidth, functions
            Get-UsageQuota compute -CustomerId "$customer-a" | Should -BeNullOrEmpty
            ([pscustomobject]@{ Service = 'api'; CustomerId = "$customer-a" } | Get-UsageQuota).Service | Should -Be api
        }

        It 'refuses names that do not exist' {
            { Get-UsageQuota nosuch } | Should -Throw -ErrorId 'UnknownService,*'
            { Get-UsageQuota -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
            Get-UsageQuota -CustomerId nobody* | Should -BeNullOrEmpty
        }

        It 'is at the level <Level> with <Used> of 100' -ForEach @(
            @{ Used = 0; Level = 'Ok' }, @{ Used = 74.999999999999; Level = 'Ok' }, @{ Used = 75; Level = 'Warning' }, @{ Used = 89.999999999999; Level = 'Warning' }
            @{ Used = 90; Level = 'Critical' }, @{ Used = 99.999999999999; Level = 'Critical' }, @{ Used = 100; Level = 'Exceeded' }, @{ Used = 250; Level = 'Exceeded' }
        ) {
            Set-UsageQuota bandwidth 100 @anchor
            Add-UsageRecord bandwidth $Used
            $quota = Get-UsageQuota
            "$($quota.Level)" | Should -Be $Level
            $quota.Percent, $quota.Remaining | Should -Be $Used, (100 - [decimal] $Used)
        }

        It 'compares thirds without rounding' {
            Set-UsageQuota bandwidth 3 @anchor
            Add-UsageRecord bandwidth '2.249999999999999999'
            "$((Get-UsageQuota).Level)" | Should -Be Ok
            Add-UsageRecord bandwidth '0.000000000000000001'
            "$((Get-UsageQuota).Level)" | Should -Be Warning
        }

        It 'takes the levels from the options' {
            Set-UsageQuota bandwidth 100 @anchor
            Add-UsageRecord bandwidth 51
            Set-UsageOption -AlertWarning 50 -AlertCritical 50.5 -AlertExceeded 51.000001
            try { "$((Get-UsageQuota).Level)" | Should -Be Critical }
            finally { Set-UsageOption -AlertWarning 75 -AlertCritical 90 -AlertExceeded 100 }
        }

        It 'has a limit of half a unit' {
            Set-UsageQuota compute 0.5 @anchor
            Add-UsageCompute 1350
            $quota = Get-UsageQuota
            $quota.Limit, $quota.Used, $quota.Remaining, $quota.Percent | Should -Be 0.5, 0.375, 0.125, 75
            "$($quota.Level)" | Should -Be Warning
        }

        It 'has no percentage of a limit of 0, which any use exceeds' {
            Set-UsageQuota api 0 @anchor
            $quota = Get-UsageQuota
            "$($quota.Level) $($quota.Remaining) <$($quota.Percent)> <$($quota.RunsOutAt)>" | Should -Be 'Ok 0 <> <>'
            Add-UsageRecord api 2
            $quota = Get-UsageQuota
            "$($quota.Level) $($quota.Used) $($quota.Remaining) <$($quota.Percent)>" | Should -Be 'Exceeded 2 -2 <>'
        }

        It 'has neither rest nor percentage where any amount may be used' {
            Set-UsageQuota api -1 @anchor
            Add-UsageRecord api 1e6
            $quota = Get-UsageQuota
            "$($quota.Level) $($quota.Limit) $($quota.Used) <$($quota.Remaining)> <$($quota.Percent)> <$($quota.RunsOutAt)>" | Should -Be 'Ok -1 1000000 <> <> <>'
        }

        It 'subtracts a correction' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 95 -Timestamp (Get-Day -2)
            Add-UsageRecord api 2
            $null = Invoke-UsageFlush
            $time = ConvertTo-SqlTime $store (Get-Day -2)
            Invoke-Sql $store "insert into billing_usage_records (customer_id, service_name, quantity, recorded_at) values ('$customer', 'api', '-40', '$time')"
            $null = Update-UsageSummary
            (Get-UsageQuota).Used | Should -Be 57
        }

        Context 'A limit on storage in GB' {
            It 'is about what was kept on average since the period began' {
                Set-UsageQuota storage 20 @anchor
                $hours = ([datetimeoffset]::UtcNow - $start).TotalHours
                # 10 GB all the time.
                Add-UsageRecord storage (10 * $hours) -Timestamp $start
                $quota = Get-UsageQuota
                [math]::Abs($quota.Used - 10) | Should -BeLessThan 0.001
                [math]::Abs($quota.Percent - 50) | Should -BeLessThan 0.005
                $quota.Used + $quota.Remaining | Should -Be 20
                "$($quota.Kind) $($quota.Unit) $($quota.Level) <$($quota.RunsOutAt)>" | Should -Be 'Level GB Ok <>'
            }

            It 'is of what is kept now only a part where it is kept since yesterday' {
                Set-UsageQuota storage 20 @anchor
                Add-UsageStorage (150GB) -Hours 24 -Timestamp (Get-Day -1)
                $hours = ([datetimeoffset]::UtcNow - $start).TotalHours
                [math]::Abs((Get-UsageQuota).Used - 3600 / $hours) | Should -BeLessThan 0.001
            }

            It 'is a sum with -Unit GB-hours' {
                Set-UsageQuota storage 5000 -Unit GB-hours @anchor
                Add-UsageStorage 10GB -Hours 36 -Timestamp (Get-Day -1)
                $quota = Get-UsageQuota
                "$($quota.Kind) $($quota.Unit) $($quota.Used) $($quota.Remaining)" | Should -Be 'Sum GB-hours 360 4640'
            }
        }

        Context 'Periods' {
            It 'begins weeks on Monday' {
                $quota = Set-UsageQuota api 5 -Period Weekly -PassThru
                # Sunday is day 0 in .NET.
                $monday = (Get-Day 0).AddDays(-(([int] (Get-Day 0).DayOfWeek + 6) % 7))
                $quota.PeriodStart, $quota.PeriodEnd | Should -Be $monday, $monday.AddDays(7)
            }

            It 'has days of the quota''s zone, as long as they are there' {
                Set-UsageQuota api 5 -Period Daily -TimeZone America/New_York
                $zone = [System.TimeZoneInfo]::FindSystemTimeZoneById('America/New_York')
                $local = [System.TimeZoneInfo]::ConvertTime([datetimeoffset]::UtcNow, $zone).Date
                $quota = Get-UsageQuota
                $quota.PeriodStart | Should -Be ([datetimeoffset]::new($local, $zone.GetUtcOffset($local)))
                $quota.PeriodEnd | Should -Be ([datetimeoffset]::new($local.AddDays(1), $zone.GetUtcOffset($local.AddDays(1))))
                Add-UsageRecord api 3 -Timestamp $quota.PeriodStart
                Add-UsageRecord api 1 -Timestamp $quota.PeriodStart.AddTicks(-10)
                (Get-UsageQuota).Used | Should -Be 3
            }

            It 'ends a period where a setting with others begins' {
                Set-UsageQuota api 100 -Period Monthly @anchor -From (Get-Day -40)
                Set-UsageQuota api 10 -Period Daily
                $quota = Get-UsageQuota
                $quota.Limit, $quota.PeriodStart | Should -Be 10, (Get-Day 0)
                # What was used of the month before does not count here.
                Add-UsageRecord api 90 -Timestamp (Get-Day -1)
                Add-UsageRecord api 4
                (Get-UsageQuota).Used | Should -Be 4
            }
        }

        Context 'Carry-over' {
            It 'adds a share of what was left of the period before' {
                Set-UsageQuota bandwidth 100 -Period Daily -CarryOver 50 -From (Get-Day -1)
                Add-UsageRecord bandwidth 30 -Timestamp (Get-Day -1).AddHours(5)
                Add-UsageRecord bandwidth 10
                $quota = Get-UsageQuota
                $quota.CarriedOver, $quota.CarryOver, $quota.Limit, $quota.Remaining | Should -Be 35, 50, 135, 125
            }

            It 'carries on what had come over' {
                Set-UsageQuota bandwidth 100 -Period Daily -CarryOver 50 -From (Get-Day -2)
                # 50 of 100; 50 of 150 on the next.
                Add-UsageRecord bandwidth 0.5 -Timestamp (Get-Day -2)
                Add-UsageRecord bandwidth 60 -Timestamp (Get-Day -1)
                # (100 - 0.5) / 2 = 49.75; (149.75 - 60) / 2 = 44.875
                (Get-UsageQuota).CarriedOver | Should -Be 44.875
            }

            It 'takes nothing off where too much was used, and counts top-ups' {
                Set-UsageQuota bandwidth 100 -Period Daily -CarryOver 50 -From (Get-Day -1)
                Add-UsageRecord bandwidth 130 -Timestamp (Get-Day -1)
                (Get-UsageQuota).CarriedOver | Should -Be 0
                Add-UsageAllowance bandwidth 40 -Timestamp (Get-Day -1).AddHours(20)
                (Get-UsageQuota).CarriedOver | Should -Be 5
            }

            It 'begins with the setting that has it' {
                Set-UsageQuota bandwidth 80 -Period Daily -From (Get-Day -3)
                Set-UsageQuota bandwidth 100 -CarryOver 25
                # Nothing was used: 80 were left yesterday, not more.
                (Get-UsageQuota).CarriedOver | Should -Be 20
            }
        }

        Context 'Hours that count' {
            It 'leaves other hours out' {
                Set-UsageQuota bandwidth 100 @anchor -CountHours 9-18, 22:30-6
                $day = Get-Day -2
                $at = @{ 5.75 = 1; 6 = 10; 8.99 = 100; 9 = 2; 17.99 = 4; 18 = 1000; 22.25 = 10000; 22.5 = 8; 23.9 = 16 }
                foreach ($hour in $at.Keys) { Add-UsageRecord bandwidth $at[$hour] -Timestamp $day.AddHours($hour) }
                (Get-UsageQuota).Used | Should -Be 31
                (Get-Usage bandwidth -Start $day -End $day.AddDays(1)).Quantity | Should -Be 11141
            }

            It 'leaves other days out' {
                $day = Get-Day -2
                $name = $day.DayOfWeek
                Set-UsageQuota bandwidth 100 @anchor -CountDays $name
                Add-UsageRecord bandwidth 1 -Timestamp $day
                Add-UsageRecord bandwidth 2 -Timestamp $day.AddHours(23.99)
                Add-UsageRecord bandwidth 10 -Timestamp $day.AddTicks(-10)
                Add-UsageRecord bandwidth 20 -Timestamp $day.AddDays(1)
                Add-UsageRecord bandwidth 4 -Timestamp $day.AddDays(-7)
                (Get-UsageQuota).Used | Should -Be 7
                Set-UsageQuota bandwidth -CountHours 23
                (Get-UsageQuota).Used | Should -Be 2
            }

            It 'goes by the clocks of the quota''s zone' {
                Set-UsageQuota bandwidth 100 @anchor -CountHours 9-18 -TimeZone Asia/Tokyo -From (Get-Day -3)
                # From midnight to nine in UTC.
                Add-UsageRecord bandwidth 1 -Timestamp (Get-Day -2).AddMinutes(1)
                Add-UsageRecord bandwidth 2 -Timestamp (Get-Day -2).AddHours(8.9)
                Add-UsageRecord bandwidth 10 -Timestamp (Get-Day -2).AddHours(9)
                Add-UsageRecord bandwidth 20 -Timestamp (Get-Day -2).AddTicks(-10)
                (Get-UsageQuota).Used | Should -Be 3
            }
        }

        Context 'Plans' {
            BeforeEach { $script:plan = "p-$customer" }

            It 'applies through a subscription that is <Status>: <Applies>' -ForEach @(
                @{ Status = 'active'; Applies = $true }, @{ Status = 'trialing'; Applies = $true }
                @{ Status = 'canceled'; Applies = $false }, @{ Status = 'past_due'; Applies = $false }, @{ Status = 'unpaid'; Applies = $false }
            ) {
                Add-Plan $store $customer $plan "'api', 1000, 'requests', 'hard', 'monthly'" -Start $start -End $start.AddMonths(1) -Status $Status
                $quota = Get-UsageQuota
                if (-not $Applies) { $quota | Should -BeNullOrEmpty; return }
                Add-UsageRecord api 250
                $quota = Get-UsageQuota
                $quota.Limit, $quota.Used, $quota.Percent, $quota.PlanName, $quota.CustomerId | Should -Be 1000, 250, 25, $plan, $customer
                "$($quota.Enforcement) $($quota.Kind) <$($quota.Period)> <$($quota.AnchorDay)>" | Should -Be 'Hard Sum <> <>'
                $quota.PeriodStart, $quota.PeriodEnd | Should -Be $start, $start.AddMonths(1)
            }

            It 'knows nself''s defaults' {
                Add-Plan $store $customer $plan "'api', -1, null, null, null" -Start $start -End $start.AddMonths(1)
                $quota = Get-UsageQuota
                "$($quota.Limit) $($quota.Enforcement) $($quota.Unit) $($quota.PeriodEnd -eq $start.AddMonths(1))" | Should -Be '-1 Soft requests True'
            }

            It 'takes storage in GB for a level, and GB-hours for a sum' {
                Add-Plan $store $customer $plan "'storage', 10, 'GB', 'soft', 'monthly'" -Start $start -End $start.AddMonths(1)
                Add-Plan $store "$customer-2" "$plan-2" "'storage', 10, 'GB-hours', 'soft', 'monthly'" -Start $start -End $start.AddMonths(1)
                (Get-UsageQuota -CustomerId "$customer*").Kind | Should -Be 'Level', 'Sum'
            }

            It 'cannot hold queries against connections' {
                Add-Plan $store $customer $plan "'database', 10, 'connections', 'hard', 'monthly'" -Start $start -End $start.AddMonths(1)
                Add-UsageDatabaseQuery
                $quota = Get-UsageQuota
                "$($quota.Level) $($quota.Kind) $($quota.Unit) $($quota.Limit) <$($quota.Remaining)> <$($quota.Percent)> <$($quota.RunsOutAt)>" |
                    Should -Be 'NotComparable NotComparable connections 10 <> <> <>'
            }

            It 'rolls a period forward that has passed' {
                $first = (Get-Day -15).AddMonths(-3).AddHours(5.5)
                Add-Plan $store $customer $plan "'api', 1000, 'requests', 'soft', 'monthly'" -Start $first -End $first.AddMonths(1)
                Add-UsageRecord api 7 -Timestamp $first.AddMonths(1)
                Add-UsageRecord api 4 -Timestamp (Get-Day -1)
                $quota = Get-UsageQuota
                # A month's last day may be clamped on the way.
                [math]::Abs(($quota.PeriodStart - $first.AddMonths(3)).TotalDays) | Should -BeLessOrEqual 3
                $quota.PeriodStart.TimeOfDay | Should -Be $first.TimeOfDay
                $quota.PeriodEnd | Should -BeGreaterThan ([datetimeoffset]::UtcNow)
                $quota.Used | Should -Be 4
            }

            It 'does not wait for a period that has passed to be moved on: a trial''s end begins one' {
                $trial = Get-Day -20
                Add-Plan $store $customer $plan "'api', 1000, 'requests', 'soft', 'monthly'" -Start $trial -End $trial.AddDays(14) -Status trialing
                $quota = Get-UsageQuota
                $quota.PeriodStart, $quota.PeriodEnd | Should -Be $trial.AddDays(14), $trial.AddDays(14).AddMonths(1)
            }

            It 'counts a period as reset_period says: <Reset>' -ForEach @(
                @{ Reset = 'daily'; Start = 0; Days = 1 }, @{ Reset = 'weekly'; Start = -6; Days = 7 }, @{ Reset = 'yearly'; Start = -20; Days = $null }
            ) {
                $begin = Get-Day -20
                $end = $Reset -eq 'yearly' ? $begin.AddYears(1) : $begin.AddMonths(1)
                Add-Plan $store $customer $plan "'api', 1000, 'requests', 'soft', '$Reset'" -Start $begin -End $end
                $quota = Get-UsageQuota
                $quota.PeriodStart, $quota.PeriodEnd | Should -Be (Get-Day $Start), ($Days ? (Get-Day ($Start + $Days)) : $end)
            }

            It 'takes the subscription that began last' {
                Add-Plan $store $customer "$plan-a" "'api', 1, null, 'soft', 'monthly'" -Start (Get-Day -25) -End (Get-Day 5)
                Add-Plan $store $customer "$plan-b" "'api', 2, null, 'soft', 'monthly'" -Start (Get-Day -5) -End (Get-Day 25)
                Add-Plan $store $customer "$plan-c" "'api', 3, null, 'soft', 'monthly'" -Start (Get-Day -2) -End (Get-Day 25) -Status canceled
                $quota = Get-UsageQuota
                $quota.PlanName, $quota.Limit | Should -Be "$plan-b", 2
            }

            It 'gives way to the customer''s own quota, and comes back after it' {
                Add-Plan $store $customer $plan "'api', 1000, null, 'soft', 'monthly'", "'compute', 5, null, 'soft', 'monthly'" -Start $start -End $start.AddMonths(1)
                Set-UsageQuota api 7
                Get-UsageQuota | ForEach-Object { "$($_.Service) $($_.Limit) <$($_.PlanName)>" } | Should -Be 'api 7 <>', "compute 5 <$plan>"
                Remove-UsageQuota api
                Get-UsageQuota | ForEach-Object { "$($_.Service) $($_.Limit) <$($_.PlanName)>" } | Should -Be "api 1000 <$plan>", "compute 5 <$plan>"
            }

            It 'is lifted for one customer by -1' {
                Add-Plan $store $customer $plan "'api', 10, null, 'hard', 'monthly'" -Start $start -End $start.AddMonths(1)
                Set-UsageQuota api -1
                Add-UsageRecord api 50
                "$((Get-UsageQuota).Level)" | Should -Be Ok
            }
        }

        Context 'RunsOutAt' {
            It 'says since when nothing has been left, to the quarter hour' {
                Set-UsageQuota api 100 @anchor
                Add-UsageRecord api 60 -Timestamp (Get-Day -4)
                Add-UsageRecord api 40 -Timestamp (Get-Day -2).AddHours(10.1)
                Add-UsageRecord api 7 -Timestamp (Get-Day -1)
                (Get-UsageQuota).RunsOutAt | Should -Be (Get-Day -2).AddHours(10.25)
            }

            It 'is null with fewer than three complete days, or where it lasts' {
                Set-UsageQuota api 100 @anchor
                Add-UsageRecord api 30 -Timestamp (Get-Day -2)
                Add-UsageRecord api 30 -Timestamp (Get-Day -1)
                (Get-UsageQuota).RunsOutAt | Should -Be $null
                # Now five days are known, and 10 last less than two.
                Add-UsageRecord api 30 -Timestamp (Get-Day -5)
                (Get-UsageQuota).RunsOutAt | Should -Not -Be $null
                Set-UsageQuota api 1e6
                (Get-UsageQuota).RunsOutAt | Should -Be $null
            }

            It 'looks ahead at the mean rate of the period' {
                # Used evenly, also on the 30 days before: 10 a day.
                Set-UsageQuota api 175 @anchor
                -45..-1 | ForEach-Object { Add-UsageRecord api 10 -Timestamp (Get-Day $_) }
                $quota = Get-UsageQuota
                $quota.Used | Should -Be 150
                # Today nothing was used yet, which makes the rate somewhat lower and the end somewhat later than in 2.5 days.
                $quota.RunsOutAt | Should -BeGreaterThan ([datetimeoffset]::UtcNow.AddDays(2.49))
                $quota.RunsOutAt | Should -BeLessThan ([datetimeoffset]::UtcNow.AddDays(2.75))
            }
        }

        It 'agrees with Get-Usage and the burn-down to the last digit' {
            Set-UsageQuota compute 10 @anchor
            1..7 | ForEach-Object { Add-UsageCompute (1000 / $_) -Timestamp (Get-Day -$_) }
            $quota = Get-UsageQuota
            $quota.Used | Should -Be (Get-Usage compute -Start $start).Quantity
            $quota.Remaining | Should -Be (Get-UsageBurndown compute | Where-Object IsPartial).Actual
        }

        It 'shows figures with units, percentages rounded down, and no more than 100 columns' {
            Set-UsageQuota api 100000 @anchor
            Set-UsageQuota bandwidth 100 @anchor
            Set-UsageQuota database -1 @anchor
            Add-UsageRecord api 99999 -Timestamp (Get-Day -2)
            Add-UsageRecord bandwidth 105 -Timestamp (Get-Day -2)
            Add-UsageRecord database 3
            $text = (Get-UsageQuota | Out-String -Width 200) -replace '\x1b\[[0-9;]*m'
            $end = (Get-UsageQuota api).PeriodEnd.ToString('yyyy-MM-dd')
            $text | Should -Match "(?m)^ +Quotas of: $customer\s*$"
            $text | Should -Match '(?m)^Service +Used +Limit +Unit +Percent +Level +Left +Ends +Runs out\s*$'
            $text | Should -Match "(?m)^api +100K +100K +requests +99\.9% +Critical +1 +$end"
            $text | Should -Match "(?m)^bandwidth +105 +100 +GB +105% +Exceeded +-5 +$end +$((Get-Day -2).ToString('yyyy-MM-dd'))\s*$"
            $text | Should -Match "(?m)^database +3 +any +queries +Ok +$end\s*$"
            ($text -split '\r?\n' | ForEach-Object { $_.TrimEnd().Length } | Measure-Object -Maximum).Maximum | Should -BeLessOrEqual 100
        }
    }
}

Describe 'Get-UsageQuota' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Get-UsageQuota -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }

    It 'stops at Ctrl-C while it walks through the periods of many quotas' {
        $store = New-TestStore -Kind Sqlite
        $shell = [powershell]::Create()
        try {
            # Millions of days since 1980, from each of which something came over.
            Invoke-Sqlite $store @'
                with recursive n (i) as (select 1 union all select i + 1 from n where i < 400)
                insert into usage_quotas (customer_id, service_name, in_force_from, limit_value, enforcement_mode, reset_period, time_zone, carry_over)
                select 'c' || i, 'api', '1980-01-01', '10', 'soft', 'daily', 'Europe/London', '50' from n;
                insert into billing_customers (customer_id, project_name) select distinct customer_id, customer_id from usage_quotas
'@
            $null = $shell.AddScript("Import-Module '$PSScriptRoot/../module/UsageTracking.psd1'; Connect-UsageStore -Path '$($store.Path)'; 'ready'; Get-UsageQuota -CustomerId *")
            $out = [System.Management.Automation.PSDataCollection[psobject]]::new()
            $null = $shell.BeginInvoke([System.Management.Automation.PSDataCollection[psobject]]::new(), $out)
            $deadline = [datetime]::UtcNow.AddSeconds(20)
            while ($out.Count -eq 0 -and [datetime]::UtcNow -lt $deadline) { Start-Sleep -Milliseconds 50 }
            Start-Sleep -Milliseconds 500
            $watch = [System.Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 1
            $out | Should -Be 'ready'
            $shell.Streams.Error | Should -BeNullOrEmpty
        }
        finally {
            $shell.Dispose()
            Remove-TestStore $store
        }
    }
}
