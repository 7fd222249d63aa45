BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageStatistic on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            $script:today = [datetimeoffset]::new([datetime]::UtcNow.Date, [timespan]::Zero)
            function Add-Event([string] $Customer, [string] $Service, [decimal] $Quantity, [datetimeoffset] $At) {
                [pscustomobject]@{ CustomerId = $Customer; Service = $Service; Quantity = $Quantity; Timestamp = $At }
            }
            $(
                # Out of order, so that sorting is needed; by number, not by text.
                foreach ($quantity in 10, 2, 30, 1) { Add-Event acme api $quantity $today.AddDays(-3).AddHours($quantity / 2) }
                Add-Event acme api 1000 $today.AddDays(-30) # the first instant of 30 days
                Add-Event acme api 50000 $today.AddDays(-30).AddTicks(-10) # and the last one before
                Add-Event acme compute 0.25 $today.AddDays(-1)
                foreach ($quantity in 1..101) { Add-Event hundred api $quantity $today.AddDays(-2).AddMinutes($quantity) }
                Add-Event beta storage 1500000 $today.AddDays(-1)
                # Half an hour before midnight UTC is the next day in Berlin.
                Add-Event berlin api 7 $today.AddDays(-8).AddMinutes(-30)
            ) | Add-UsageRecord
            $null = Invoke-UsageFlush
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { Connect-UsageStore @address -CustomerId acme }

        It 'has these properties' {
            $statistic = Get-UsageStatistic api
            $statistic.psobject.Properties.Name | Should -Be @(
                'Service', 'TotalEvents', 'TotalQuantity', 'AverageQuantity', 'MinimumQuantity', 'MaximumQuantity', 'MedianQuantity', 'P95Quantity', 'P99Quantity'
                'Unit', 'Start', 'End', 'CustomerId'
            )
            $statistic.psobject.TypeNames[0] | Should -Be 'UsageTracking.Reports.UsageStatistic'
        }

        It 'interpolates between the two closest ranks, in decimal' {
            # 1, 2, 10, 30: the median lies half way between ranks 1 and 2, the 95th at rank 2.85, the 99th at rank 2.97.
            $statistic = Get-UsageStatistic api 7
            $statistic.TotalEvents, $statistic.TotalQuantity, $statistic.AverageQuantity | Should -Be 4, 43, 10.75
            $statistic.MinimumQuantity, $statistic.MaximumQuantity | Should -Be 1, 30
            $statistic.MedianQuantity, $statistic.P95Quantity, $statistic.P99Quantity | Should -Be 6, 27, 29.4
            $statistic.MedianQuantity | Should -BeOfType decimal
        }

        It 'needs no interpolation where a rank is whole' {
            $statistic = Get-UsageStatistic api -CustomerId hundred
            $statistic.MedianQuantity, $statistic.P95Quantity, $statistic.P99Quantity | Should -Be 51, 96, 100
        }

        It 'gives the same figure everywhere for a single event' {
            $statistic = Get-UsageStatistic compute
            $statistic.TotalEvents | Should -Be 1
            foreach ($name in 'TotalQuantity', 'AverageQuantity', 'MinimumQuantity', 'MaximumQuantity', 'MedianQuantity', 'P95Quantity', 'P99Quantity') {
                $statistic.$name | Should -Be 0.25 -Because $name
            }
        }

        It 'is about the last 30 complete days and today by default' {
            $statistic = Get-UsageStatistic api
            $statistic.TotalEvents, $statistic.MaximumQuantity | Should -Be 5, 1000
            $statistic.Start.ToString('u') | Should -Be $today.AddDays(-30).ToString('u')
            ([datetimeoffset]::UtcNow - $statistic.End).Duration().TotalSeconds | Should -BeLessThan 30
            (Get-UsageStatistic api 31).TotalEvents | Should -Be 6
            (Get-UsageStatistic api -Days 29).TotalEvents | Should -Be 4
        }

        It 'lists every service in catalogue order, unused ones with 0 events and no figures' {
            $all = Get-UsageStatistic
            $all.Service | Should -Be api, storage, bandwidth, compute, database, functions
            $idle = $all | Where-Object Service -eq storage
            $idle.TotalEvents, $idle.TotalQuantity, $idle.Unit | Should -Be 0, 0, 'GB-hours'
            foreach ($name in 'AverageQuantity', 'MinimumQuantity', 'MaximumQuantity', 'MedianQuantity', 'P95Quantity', 'P99Quantity') {
                $idle.$name | Should -Be $null -Because $name
            }
        }

        It 'takes several customers, services and wildcards' {
            (Get-UsageStatistic api -CustomerId h*, acme).CustomerId | Should -Be hundred, acme
            (Get-UsageStatistic C*, s* -CustomerId acme).Service | Should -Be storage, compute
            (Get-UsageStatistic api -CustomerId *).CustomerId | Should -Contain beta
            Get-UsageStatistic -CustomerId nothing* | Should -BeNullOrEmpty
        }

        It 'has an error for a name that does not exist, and reports the others' {
            (Get-UsageStatistic nosuch, api -ErrorAction SilentlyContinue -ErrorVariable problem).Service | Should -Be api
            $problem.FullyQualifiedErrorId | Should -BeLike 'UnknownService,*'
            (Get-UsageStatistic api -CustomerId nobody, acme -ErrorAction SilentlyContinue -ErrorVariable problem).CustomerId | Should -Be acme
            $problem.FullyQualifiedErrorId | Should -BeLike 'CustomerNotFound,*'
        }

        It 'takes service and customer down the pipeline' {
            $rows = & {
                [pscustomobject]@{ Service = 'storage'; CustomerId = 'beta' }
                [pscustomobject]@{ Service = 'compute'; CustomerId = 'acme' }
            }
            ($rows | Get-UsageStatistic).TotalQuantity | Should -Be 1500000, 0.25
        }

        It 'begins its days by the clocks of -TimeZone' {
            $days = ([System.TimeZoneInfo]::ConvertTimeBySystemTimeZoneId([datetimeoffset]::UtcNow, 'Europe/Berlin').Date - $today.DateTime.Date).Days + 8
            (Get-UsageStatistic api $days -CustomerId berlin -TimeZone Europe/Berlin).TotalEvents | Should -Be 1
            (Get-UsageStatistic api ($days - 1) -CustomerId berlin -TimeZone Europe/Berlin).TotalEvents | Should -Be 0
            { Get-UsageStatistic -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*'
        }

        It 'reads what was just added, with 0 days of today alone' {
            Add-UsageRecord functions 3 -CustomerId fresh
            (Get-UsageStatistic functions 0 -CustomerId fresh).MedianQuantity | Should -Be 3
            { Get-UsageStatistic api -1 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        }

        It 'leaves corrections, and what they correct, out of percentiles and extremes' {
            $at = $today.AddDays(-1).AddHours(3)
            foreach ($quantity in 5, 7, 900) { Add-UsageRecord database $quantity -CustomerId mended -Timestamp $at }
            $null = Invoke-UsageFlush
            $wrong = (Get-UsageRecord database -CustomerId mended | Where-Object Quantity -eq 900).Id
            Invoke-Sql $store "insert into billing_usage_records (customer_id, service_name, quantity, unit_cost, recorded_at, corrects_id)
                select customer_id, service_name, $($store.Path ? "'-900'" : '-900'), unit_cost, recorded_at, usage_id from billing_usage_records where usage_id = $wrong"
            $null = Update-UsageSummary database -CustomerId mended
            $statistic = Get-UsageStatistic database -CustomerId mended
            $statistic.TotalEvents, $statistic.TotalQuantity, $statistic.MedianQuantity, $statistic.P99Quantity | Should -Be 2, 12, 6, 6.98
        }

        It 'shows whose and when once, and figures with K and M' {
            $text = Get-UsageStatistic api, storage -CustomerId acme, beta | Out-String -Width 120
            $text | Should -Match "(?m)^\s+Quantities of: acme, $($today.AddDays(-30).ToString('yyyy-MM-dd')) 00:00 to "
            $text | Should -Match '(?m)^Service +Events +Total +Unit +Avg +Median +P95 +P99 +Max +Min\s*$'
            $text | Should -Match '(?m)^api +5 +1\.04K +requests +208\.6 +10 +806 +961\.2 +1K +1\s*$'
            $text | Should -Match '(?m)^storage +1 +1\.5M +GB-hours( +1\.5M){6}\s*$'
            $text | Should -Match '(?m)^storage +0 +0 +GB-hours\s*$'
            # What stands in the objects; the heading is coloured by PowerShell itself.
            $text -replace '\x1b\[[0-9;]*m' | Should -Not -Match '\x1b'
        }
    }
}
