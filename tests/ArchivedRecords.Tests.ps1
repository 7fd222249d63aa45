# What reports say where records are archived: figures are whole, but records are not there to be read.

BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1

    # Leaves what archiving leaves of the customer's usage before a time: its figures in part 1, and no records.
    function Move-ToArchive([string] $Customer, [datetimeoffset] $Before) {
        $time = ConvertTo-SqlTime $store $Before
        $null = Invoke-Sql $store @"
update usage_buckets set part = 1 where customer_id = '$Customer' and bucket_start < '$time';
delete from billing_usage_records where customer_id = '$Customer' and recorded_at < '$time';
"@
    }

    # Runs it; what it writes goes to $output, what it warns of comes back.
    function Get-Warning([scriptblock] $ScriptBlock) {
        $all = @(& $ScriptBlock 3>&1)
        $script:output = @($all | Where-Object { $_ -isnot [System.Management.Automation.WarningRecord] })
        $all | Where-Object { $_ -is [System.Management.Automation.WarningRecord] } | ForEach-Object Message
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Archived records on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            @(
                # The first three are archived.
                'acme,api,1,2026-01-05T12:01:00Z', 'acme,api,2,2026-01-05T12:05:00Z', 'acme,compute,8,2026-01-05T12:14:59Z'
                'acme,api,4,2026-01-05T12:20:00Z', 'acme,api,16,2026-01-06T00:00:00Z'
                'beta,api,32,2026-01-05T12:01:00Z', 'beta,api,64,2026-01-05T12:05:00Z'
            ) | ConvertFrom-Csv -Header CustomerId, Service, Quantity, Timestamp | Add-UsageRecord -Metadata @{ k = 'v' }
            $null = Invoke-UsageFlush
            Move-ToArchive acme '2026-01-05T12:15:00Z'
            $script:day = @{ Start = '2026-01-05'; End = '2026-01-05' }
            # Cuts the archived quarter hour: of it the second and third record are meant.
            $script:cut = @{ Start = '2026-01-05T12:03Z'; End = '2026-01-05T13:00Z' }
            $script:widened = 'RangeWidened: records of 2026-01-05 12:00 to 12:15 UTC are archived, so all of that quarter hour is counted.'
            $script:three = '3 records of this range are archived and not included. Restore-UsageArchive brings them back.'
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { Connect-UsageStore @address -CustomerId acme }

        It 'are in the figures of whole quarter hours, without a warning' {
            Get-Warning { Get-Usage api @day } | Should -BeNullOrEmpty
            $output.Quantity | Should -Be 7
            Get-Warning { Measure-Usage @day } | Should -BeNullOrEmpty
            $output.TotalQuantity | Should -Be 7, 8
        }

        It 'make <Name> count a quarter hour whole that the range cuts, with one warning' -ForEach @(
            @{ Name = 'Get-Usage'; Report = { Get-Usage api @cut }; Property = 'Quantity'; Expected = 7 }
            @{ Name = 'Get-Usage -Detailed'; Report = { Get-Usage api @cut -Detailed }; Property = 'Quantity'; Expected = 7 }
            @{ Name = 'Measure-Usage'; Report = { Measure-Usage Hourly @cut }; Property = 'TotalQuantity'; Expected = 7, 8 }
            @{ Name = 'Get-UsagePeak'; Report = { Get-UsagePeak @cut }; Property = 'TotalUsage'; Expected = 8, 7 }
            @{ Name = 'Get-UsageBurndown'; Report = { Get-UsageBurndown api 100 @cut }; Property = 'Actual'; Expected = 93 }
        ) {
            Get-Warning $Report | Should -Be $widened
            $output.$Property | Should -Be $Expected
        }

        It 'leave customers exact whose records are all there' {
            Connect-UsageStore @address -CustomerId beta
            Get-Warning { Get-Usage api @cut } | Should -BeNullOrEmpty
            $output.Quantity | Should -Be 64
            Get-Warning { Get-Usage api @cut -CustomerId * } | Should -Be $widened
            $output | ForEach-Object { "$($_.CustomerId) $($_.Quantity)" } | Should -Be 'acme 7', 'beta 64'
        }

        It 'give each input its own warning' {
            $inputs = [pscustomobject]$cut, [pscustomobject]$day, [pscustomobject]$cut
            Get-Warning { $inputs | Get-Usage api } | Should -Be $widened, $widened
        }

        It 'are missing in Get-UsageRecord' {
            Get-Warning { Get-UsageRecord @day } | Should -Be $three
            $output.Quantity | Should -Be 4
            Get-Warning { Get-UsageRecord compute @day } | Should -Be '1 record of this range is archived and not included. Restore-UsageArchive brings it back.'
            $output | Should -BeNullOrEmpty
            Get-Warning { Get-UsageRecord @day -CustomerId beta } | Should -BeNullOrEmpty
            Get-Warning { Get-UsageRecord -Start 2026-01-06 } | Should -BeNullOrEmpty
        }

        It 'are missing in Measure-Usage -GroupBy' {
            Get-Warning { Measure-Usage @day -GroupBy k } | Should -Be $three
            $output | ForEach-Object { "$($_.Service) $($_.Group['k']) $($_.TotalQuantity)" } | Should -Be 'api v 4'
        }

        It 'are missing in the percentiles of Get-UsageStatistic' {
            Get-Warning { Get-UsageStatistic api -Days 36500 } | Should -Be '2 records of this range are archived and not included in the percentiles. Restore-UsageArchive brings them back.'
            $output.TotalQuantity, $output.MinimumQuantity, $output.MedianQuantity | Should -Be 23, 1, 10
        }

        It 'are missing in Export-Usage' {
            Get-Warning { Export-Usage (Join-Path $TestDrive 'all.csv') -Force } | Should -Be $three
            (Import-Csv (Join-Path $TestDrive 'all.csv')).quantity | Should -Be 16, 4
            Get-Warning { Export-Usage (Join-Path $TestDrive 'all.csv') -Force -WhatIf } | Should -BeNullOrEmpty
            Get-Warning { Export-Usage (Join-Path $TestDrive 'all.csv') -Force -CustomerId beta } | Should -BeNullOrEmpty
        }

        It 'make a quota count the quarter hour whole that its period begins in' {
            $customer = Connect-NewCustomer $address
            # Ten minutes before that, none of it is of the period.
            $start = (Get-Day -3).AddMinutes(10)
            Add-Plan $store $customer "plan-$customer" "'api', 10, 'requests', 'hard', 'monthly'" $start $start.AddDays(30)
            Add-UsageRecord api 8 -Timestamp $start.AddMinutes(-5)
            Add-UsageRecord api 1 -Timestamp $start.AddMinutes(1)
            Get-Warning { Get-UsageQuota } | Should -BeNullOrEmpty
            $output.Used | Should -Be 1
            Move-ToArchive $customer $start.AddHours(1)

            $expected = "RangeWidened: records of $($start.ToString('yyyy-MM-dd')) 00:00 to 00:15 UTC are archived, so all of that quarter hour is counted."
            Get-Warning { Get-UsageQuota } | Should -Be $expected
            $output.Used | Should -Be 9
            Get-Warning { Get-UsageBurndown api } | Where-Object { $_ -notlike 'No projection*' } | Should -Be $expected
            $output[0].Actual | Should -Be 1
            Get-Warning { Test-UsageQuota api 2 } | Should -Be $expected
            $output | Should -BeFalse
            Get-Warning { Invoke-UsageAlertCheck } | Should -Be $expected
            $output.Level | Should -Be Critical
        }
    }
}
