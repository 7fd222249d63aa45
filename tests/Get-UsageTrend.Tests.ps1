BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    function Format-Trend { process { "$([int]($today - $_.Date).TotalDays) $($_.Service) $($_.DailyTotal) $($_.PreviousDay) $($_.PercentChange)" } }
}

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageTrend on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            $script:today = [datetime]::UtcNow.Date
            $(
                # Days ago; the last instant of a day belongs to it.
                'acme,api,0,9', 'acme,api,1,30', 'acme,api,3,40', 'acme,api,4,20', 'acme,api,8,80', 'acme,compute,8,1.5', 'acme,storage,9,4'
                'beta,api,1,1500', 'beta,api,2,2000000', 'gamma,api,1,3'
            ) | ConvertFrom-Csv -Header CustomerId, Service, Ago, Quantity |
                Select-Object CustomerId, Service, Quantity, @{ n = 'Timestamp'; e = { [datetimeoffset]::new($today, [timespan]::Zero).AddDays(-$_.Ago) } } |
                Add-UsageRecord
            Add-UsageRecord api 2 -CustomerId acme -Timestamp ([datetimeoffset]::new($today, [timespan]::Zero).AddTicks(-10))
            $null = Invoke-UsageFlush
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { Connect-UsageStore @address -CustomerId acme }

        It 'has these properties' {
            (Get-UsageTrend api)[0].psobject.Properties.Name |
                Should -Be 'Date', 'Service', 'DailyTotal', 'PreviousDay', 'PercentChange', 'IsPartial', 'Unit', 'CustomerId'
        }

        It 'lists 7 complete days and today by default, newest first, missing days as zero' {
            Get-UsageTrend api | Format-Trend | Should -Be @(
                '0 api 9 32 ' # today has no change yet
                '1 api 32 0 ' # none from zero
                '2 api 0 40 -100', '3 api 40 20 100', '4 api 20 0 ', '5 api 0 0 ', '6 api 0 0 '
                '7 api 0 80 -100' # the day before is read
            )
        }

        It 'marks today, which is not over, and nothing else' {
            $days = Get-UsageTrend api 2
            $days.IsPartial | Should -Be $true, $false, $false
            $days[0].PercentChange | Should -Be $null
            $days[0].Date | Should -Be $today
            (Get-UsageTrend api 0).IsPartial | Should -Be $true
        }

        It 'lists a service used in the window or the day before it, and no other' {
            (Get-UsageTrend).Service | Select-Object -Unique | Should -Be api, compute
            Get-UsageTrend compute | Format-Trend | Select-Object -Last 2 | Should -Be '6 compute 0 0 ', '7 compute 0 1.5 -100'
            Get-UsageTrend storage | Should -BeNullOrEmpty
            (Get-UsageTrend storage 8).Count | Should -Be 9
            (Get-UsageTrend -Days 8).Service | Select-Object -First 3 | Should -Be api, storage, compute
        }

        It 'does not round a change' {
            Add-UsageRecord functions 3 -CustomerId exact -Timestamp ([datetimeoffset]::new($today.AddDays(-2), [timespan]::Zero))
            Add-UsageRecord functions 4 -CustomerId exact -Timestamp ([datetimeoffset]::new($today.AddDays(-1), [timespan]::Zero))
            $change = (Get-UsageTrend functions 1 -CustomerId exact)[1].PercentChange
            [math]::Abs($change - 100d / 3) | Should -BeLessThan 1e-12
        }

        It 'takes several customers, services and wildcards' {
            Get-UsageTrend api 1 -CustomerId * | ForEach-Object { "$($_.IsPartial) $($_.CustomerId)" } |
                Should -Be 'True acme', 'True beta', 'True gamma', 'False acme', 'False beta', 'False gamma'
            (Get-UsageTrend a*, C* 7).Service | Select-Object -Unique | Should -Be api, compute
            Get-UsageTrend -CustomerId nothing* | Should -BeNullOrEmpty
            { Get-UsageTrend nosuch } | Should -Throw -ErrorId 'UnknownService,*'
            { Get-UsageTrend -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
        }

        It 'takes service and customer down the pipeline' {
            $rows = [pscustomobject]@{ Service = 'api'; CustomerId = 'beta' }, [pscustomobject]@{ Service = 'api'; CustomerId = 'gamma' }
            ($rows | Get-UsageTrend -Days 1).DailyTotal | Should -Be 0, 1500, 0, 3
        }

        It 'cuts days by the clocks of -TimeZone' {
            # The last instant of a UTC day is on the next day in Kiritimati, 14 hours ahead.
            $local = [System.TimeZoneInfo]::ConvertTimeBySystemTimeZoneId([datetimeoffset]::UtcNow, 'Pacific/Kiritimati').Date
            $days = Get-UsageTrend api 2 -TimeZone Pacific/Kiritimati
            $days[0].Date | Should -Be $local
            ($days | Where-Object Date -eq $today).DailyTotal | Should -Be 11 # 2 and 9
            { Get-UsageTrend -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*'
        }

        It 'shows figures with K, M and units, changes in percent, and says that today is not over' {
            $text = Get-UsageTrend api 2 -CustomerId beta | Out-String -Width 120
            $text | Should -Match '(?m)^Date +Service +Customer +Total +Unit +Day before +Change\s*$'
            $text | Should -Match "(?m)^$($today.ToString('yyyy-MM-dd')) +api +beta +0 +requests +1\.5K +not over\s*$"
            $text | Should -Match "(?m)^$($today.AddDays(-1).ToString('yyyy-MM-dd')) +api +beta +1\.5K +requests +2M +-99\.9%\s*$"
            $text | Should -Match "(?m)^$($today.AddDays(-2).ToString('yyyy-MM-dd')) +api +beta +2M +requests +0\s*$"
            $text -replace '\x1b\[[0-9;]*m' | Should -Not -Match '\x1b'
            Get-UsageTrend api 3 | Out-String -Width 120 | Should -Match '\+100%'
        }
    }
}
