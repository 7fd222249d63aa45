BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-Usage on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            @(
                'acme,api,3,2026-01-01T00:00:00Z,', 'acme,api,2,2026-01-15T12:00:00Z,0.5', 'acme,api,1,2026-01-31T23:59:59.999999Z,', 'acme,api,10,2026-02-01T00:00:00Z,'
                'acme,storage,2.5,2026-01-15T12:07:30Z,'
                'acme,bandwidth,0.1,2026-01-20T08:00:00Z,', 'acme,bandwidth,0.1,2026-01-20T09:00:00Z,', 'acme,bandwidth,0.1,2026-01-20T10:00:00Z,'
                'beta,compute,4,2026-01-15T12:00:00Z,'
                # London's clocks went forward at 01:00 UTC.
                'london,api,1,2025-03-30T00:30:00Z,', 'london,api,1,2025-03-30T01:30:00Z,', 'london,api,1,2025-03-30T22:30:00Z,', 'london,api,1,2025-03-30T23:30:00Z,'
            ) | ConvertFrom-Csv -Header CustomerId, Service, Quantity, Timestamp, UnitCost | Add-UsageRecord
            $script:january = @{ Start = '2026-01-01'; End = '2026-01-31' }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { Connect-UsageStore @address -CustomerId acme }

        It 'lists every service in catalogue order, unused ones with 0' {
            Get-Usage @january | ForEach-Object { "$($_.Service) $($_.Quantity) $($_.Unit) $($_.Events) $($_.Cost)" } | Should -Be @(
                'api 6 requests 3 1.0004' # 3 x 0.0001 + 2 x 0.5 + 1 x 0.0001
                'storage 2.5 GB-hours 1 0.0025'
                'bandwidth 0.3 GB 3 0.003'
                'compute 0 CPU-hours 0 0', 'database 0 queries 0 0', 'functions 0 invocations 0 0'
            )
        }

        It 'says whose, when and at what price' {
            $usage = Get-Usage api @january
            $usage.CustomerId, $usage.UnitCost | Should -Be 'acme', 0.0001
            $usage.Start.ToString('o') | Should -Be '2026-01-01T00:00:00.0000000+00:00'
            $usage.End.ToString('o') | Should -Be '2026-02-01T00:00:00.0000000+00:00'
        }

        It 'takes the range <Start> to <End>' -ForEach @(
            @{ Start = '2026-01'; End = '2026-01'; Quantity = 6 }
            @{ Start = '2026-01'; End = '2026-02'; Quantity = 16 }
            @{ Start = 2026; End = 2026; Quantity = 16 }
            @{ Start = [dateonly]::new(2026, 1, 1); End = [dateonly]::new(2026, 1, 31); Quantity = 6 }
            @{ Start = '2026-01-01'; End = '2026-01-01'; Quantity = 3 }
            @{ Start = '2026-01-15 12:00'; End = '2026-02-01 00:00'; Quantity = 3 } # an instant's end is exclusive
            @{ Start = '2026-01-15T13:00+01:00'; End = '2026-02-01T00:00:00.000001Z'; Quantity = 13 }
            @{ Start = '2026-01-15 12:00:00.000001'; End = '2026-01-31 23:59:59.999999'; Quantity = 0 }
            @{ Start = [datetime]::new(2026, 1, 1); End = [datetime]::new(2026, 1, 31); Quantity = 5 }
            @{ Start = [datetimeoffset]::new(2026, 1, 1, 1, 0, 0, [timespan]::FromHours(1)); End = '2026-01-31'; Quantity = 6 }
            @{ Start = '2026-01-01'; End = '2026-01-01 00:00'; Quantity = 0 }
            @{ Start = '2026-01-15 12:00'; End = '2026-01-15'; Quantity = 2 } # to the end of that day
            @{ Start = '2026-01-15'; End = '2026-01'; Quantity = 3 }
        ) {
            (Get-Usage api $Start $End).Quantity | Should -Be $Quantity
            (Get-Usage api -From $Start -To $End).Quantity | Should -Be $Quantity
        }

        It 'takes whole days of -TimeZone, of 23 hours too' {
            $usage = Get-Usage api -CustomerId london -Start 2025-03-30 -End 2025-03-30 -TimeZone Europe/London
            $usage.Events | Should -Be 3
            $usage.Start.ToString('o') | Should -Be '2025-03-30T00:00:00.0000000+00:00'
            $usage.End.ToString('o') | Should -Be '2025-03-31T00:00:00.0000000+01:00'
            (Get-Usage api -CustomerId london -Start 2025-03-30 -End 2025-03-30).Events | Should -Be 4
            (Get-Usage api -CustomerId london -Start '2025-03-30 02:30' -End 2025-03-30 -TimeZone 'GMT Standard Time').Events | Should -Be 2
        }

        It 'names the gap where a local time does not occur' {
            { Get-Usage -Start '2025-03-30 01:30' -TimeZone Europe/London } |
                Should -Throw -ErrorId 'InvalidTimestamp,*' -ExpectedMessage '*2025-03-30 01:30*Europe/London*01:00 to 02:00*'
        }

        It 'is about the current month, up to now, by default' {
            Connect-UsageStore @address -CustomerId today
            Add-UsageRecord api
            $usage = Get-Usage api
            $now = [datetimeoffset]::UtcNow
            $usage.Events | Should -Be 1
            $usage.Start.ToString('u') | Should -Be $now.ToString('yyyy-MM-01 00:00:00Z')
            ($now - $usage.End).Duration().TotalSeconds | Should -BeLessThan 30
        }

        It 'takes several customers and wildcards, * being all' {
            (Get-Usage api -CustomerId b*, acme @january).CustomerId | Should -Be beta, acme
            $all = Get-Usage api, compute -CustomerId * @january
            ($all | Measure-Object Quantity -Sum).Sum | Should -Be 10
            $all.CustomerId | Should -Contain london
            Get-Usage -CustomerId nothing* @january | Should -BeNullOrEmpty
        }

        It 'has an error for a customer that does not exist, and reports the others' {
            $usage = Get-Usage api -CustomerId nobody, acme @january -ErrorAction SilentlyContinue -ErrorVariable problem
            $usage.CustomerId | Should -Be acme
            $problem.FullyQualifiedErrorId | Should -BeLike 'CustomerNotFound,*'
            $problem.CategoryInfo.Category | Should -Be ObjectNotFound
            $problem.TargetObject | Should -Be nobody
        }

        It 'takes several services and wildcards, and has an error for one that does not exist' {
            (Get-Usage s*, api, nosuch @january -ErrorAction SilentlyContinue -ErrorVariable problem).Service | Should -Be api, storage
            $problem.FullyQualifiedErrorId | Should -BeLike 'UnknownService,*'
            $problem.TargetObject | Should -Be nosuch
        }

        It 'lists every day with -Detailed, newest first, idle ones with 0' {
            $days = Get-Usage api, bandwidth -Start 2026-01-19 -End 2026-01-21 -Detailed
            $days | ForEach-Object { "$($_.Date.ToString('yyyy-MM-dd')) $($_.Service) $($_.Quantity) $($_.Events) $($_.Cost)" } | Should -Be @(
                '2026-01-21 api 0 0 0', '2026-01-21 bandwidth 0 0 0'
                '2026-01-20 api 0 0 0', '2026-01-20 bandwidth 0.3 3 0.003'
                '2026-01-19 api 0 0 0', '2026-01-19 bandwidth 0 0 0'
            )
            $days[0].End.ToString('u') | Should -Be '2026-01-22 00:00:00Z'

            Get-Usage api -CustomerId london -Start 2025-03-30 -End 2025-03-31 -TimeZone Europe/London -Detailed |
                ForEach-Object { "$($_.Date.Day) $($_.Events)" } | Should -Be '31 1', '30 3'
        }

        It 'says with -Detailed how large a day is beside the largest of the same service and customer, and draws it' {
            @(
                'bars,api,40,2026-03-01T00:00:00Z', 'bars,api,30,2026-03-02T00:00:00Z', 'bars,api,1,2026-03-03T00:00:00Z', 'bars,api,0.001,2026-03-05T00:00:00Z'
                'bars,storage,7,2026-03-02T00:00:00Z', 'rabs,api,2,2026-03-01T00:00:00Z'
            ) | ConvertFrom-Csv -Header CustomerId, Service, Quantity, Timestamp | Add-UsageRecord
            $march = @{ Start = '2026-03-01'; End = '2026-03-05'; Detailed = $true }
            $days = Get-Usage api -CustomerId bars @march
            $days.ShareOfLargest | Should -Be 0.000025, 0, 0.025, 0.75, 1
            $days.ShareOfLargest | Should -BeOfType decimal
            (Get-Usage storage -CustomerId bars @march).ShareOfLargest | Should -Be 0, 0, 0, 1, 0
            (Get-Usage api -CustomerId rabs @march)[-1].ShareOfLargest | Should -Be 1
            (Get-Usage compute -CustomerId bars @march).ShareOfLargest | Should -Be 0, 0, 0, 0, 0

            $text = $days | Out-String -Width 120
            $text | Should -Match '(?m)^\s+Daily usage of: bars\s*$'
            $text | Should -Match '(?m)^Date +Service +Usage +Unit +Cost +Events +Share of largest\s*$'
            $text | Should -Match '(?m)^2026-03-01 +api +40 +requests +\$0\.004 +1 █{20}\s*$'
            $text | Should -Match '(?m)^2026-03-02 +api +30 +requests +\$0\.003 +1 █{15}\s*$'
            $text | Should -Match '(?m)^2026-03-03 +api +1 +requests +\$0\.0001 +1 ▌\s*$'
            $text | Should -Match '(?m)^2026-03-04 +api +0 +requests +\$0\.00 +0\s*$'
            $text | Should -Match '(?m)^2026-03-05 +api +0\.001 +requests +\$0\.0000001 +1 ▏\s*$' # what is more than nothing shows
            $text -replace '\x1b\[[0-9;]*m' | Should -Not -Match '\x1b'
        }

        It 'takes service, customer and range from objects down the pipeline' {
            $rows = & {
                [pscustomobject]@{ Service = 'api'; Start = '2026-02'; End = '2026-02'; CustomerId = 'acme' }
                [pscustomobject]@{ Service = 'compute'; From = '2026-01'; To = '2026-01'; CustomerId = 'beta' }
            }
            ($rows | Get-Usage).Quantity | Should -Be 10, 4
        }

        It 'goes on after a bad item in the pipeline' {
            $rows = foreach ($month in '2026-01', '2026-13', '2026-02') { [pscustomobject]@{ Service = 'api'; Start = $month; End = $month } }
            ($rows | Get-Usage -ErrorAction SilentlyContinue -ErrorVariable problem).Quantity | Should -Be 6, 10
            $problem | Should -HaveCount 1
            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidTimestamp,*'
        }

        It 'refuses an end before the start, and a zone that does not exist' {
            { Get-Usage -Start 2026-01-02 -End 2026-01-01 } | Should -Throw -ErrorId 'InvalidRange,*'
            { Get-Usage -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*'
            { Get-Usage -Start 01/02/2026 } | Should -Throw -ErrorId 'InvalidTimestamp,*'
        }

        It 'answers for a customer that has no records yet, where it is the connected one' {
            Connect-UsageStore @address -CustomerId unheard-of
            (Get-Usage @january).Quantity | Should -Be 0, 0, 0, 0, 0, 0
            Get-Usage @january | Get-UsageRecord | Should -BeNullOrEmpty
        }

        It 'reads what was just added, and warns of what could not be stored in time' {
            Connect-UsageStore @address -CustomerId late
            Add-UsageRecord api
            (Get-Usage api).Events | Should -Be 1

            # Without this table nothing can be stored, while reports work.
            Invoke-Sql $store 'alter table usage_spools rename to usage_spools_away'
            try {
                Add-UsageRecord api
                (Get-Usage api -WarningVariable warning -WarningAction SilentlyContinue).Events | Should -Be 1
                "$warning" | Should -BeLike '*1 record* not included*'
            }
            finally { Invoke-Sql $store 'alter table usage_spools_away rename to usage_spools' }
            $null = Invoke-UsageFlush -WarningAction SilentlyContinue # of the background's failure
            (Get-Usage api).Events | Should -Be 2
        }

        It 'becomes JSON with numbers as numbers' {
            $json = Get-Usage bandwidth @january | ConvertTo-Json | ConvertFrom-Json
            $json.Quantity | Should -BeOfType double
            $json.Quantity, $json.Cost, $json.UnitCost, $json.Events | Should -Be 0.3, 0.003, 0.01, 3
        }
    }
}
