BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1
}

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageReading from $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:customer = Connect-NewCustomer (Get-TestAddress $store)
            Set-UsageQuota bandwidth 100 -From 2026-01
            $null = @(
                Add-UsageReading -Remaining 90 -Timestamp '2026-06-01 05:30'
                Add-UsageReading -Remaining 95.5 -Timestamp '2026-06-02 05:30:10.123456'
                Add-UsageReading -Remaining 88 -Timestamp '2026-06-03 05:30'
                Add-UsageReading compute -Total 41231.4 -Meter 'rack 1' -Timestamp '2026-06-02'
                Add-UsageReading compute -Total 41234 -Meter 'rack 1' -Timestamp '2026-06-03 05:30'
                Add-UsageReading compute -Total 7 -Meter 'rack 2' -Timestamp '2026-06-03'
                Add-UsageReading api -Total 7 -Timestamp '2026-06-02' -CustomerId "$customer-2"
            )
            $script:june = @{ Start = '2026-06'; End = '2026-06' }
            function Get-Short { $input | ForEach-Object { "$($_.Timestamp.Day) $($_.Service) $($_.Meter) $($_.Value)" } }
        }
        AfterAll { Remove-TestStore $store }

        It 'lists what the store has of a reading, newest first' {
            $readings = Get-UsageReading @june
            $readings | Get-Short | Should -Be @(
                '3 bandwidth default 88', '3 compute rack 1 41234', '3 compute rack 2 7'
                '2 bandwidth default 95.5', '2 compute rack 1 41231.4', '1 bandwidth default 90')
            $rise = $readings[3]
            $rise.GetType().FullName | Should -Be UsageTracking.Readings.UsageReading
            $rise.Timestamp | Should -Be ([datetimeoffset] '2026-06-02T05:30:10.123456Z')
            $rise.CustomerId, $rise.Kind, $rise.Unit, $rise.Usage, $rise.Allowance | Should -Be $customer, 'Remaining', 'GB', 0, 5.5
            $rise.Interpretation, $rise.Previous | Should -Be $null, $null
            $readings[0].Usage, $readings[1].Usage, $readings[1].Kind | Should -Be 7.5, 2.6, 'Total'
        }

        It 'selects by service, meter and customer, by name or wildcard' {
            Get-UsageReading comp* @june | Get-Short | Should -Be '3 compute rack 1 41234', '3 compute rack 2 7', '2 compute rack 1 41231.4'
            Get-UsageReading Bandwidth, api -Meter DEFAULT @june | Get-Short | Should -Be '3 bandwidth default 88', '2 bandwidth default 95.5', '1 bandwidth default 90'
            Get-UsageReading -Meter '*2', 'nothing' @june | Get-Short | Should -Be '3 compute rack 2 7'
            (Get-UsageReading -CustomerId * -Meter def* @june).CustomerId | Select-Object -Unique | Sort-Object | Should -Be $customer, "$customer-2"
            { Get-UsageReading nosuch } | Should -Throw -ErrorId 'UnknownService,*'
            { Get-UsageReading -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
        }

        It 'covers a range, whose end may be a day' {
            Get-UsageReading -From '2026-06-02' -To '2026-06-02' | Get-Short | Should -Be '2 bandwidth default 95.5', '2 compute rack 1 41231.4'
            Get-UsageReading bandwidth '2026-06-01 05:30' '2026-06-02 05:30:10.123456' | Get-Short | Should -Be '1 bandwidth default 90'
            { Get-UsageReading -Start 2026-06-02 -End 2026-06-01 } | Should -Throw -ErrorId 'InvalidRange,*'
        }

        It 'covers the last 30 days by default, and a day ahead' {
            $ahead = [datetimeoffset]::UtcNow.AddHours(20)
            foreach ($time in (Get-Day -30), (Get-Day -30).AddTicks(-10), $ahead) { $null = Add-UsageReading functions -Total 5 -Timestamp $time }
            $found = Get-UsageReading functions
            $found.Count | Should -Be 2
            $found[1].Timestamp | Should -Be (Get-Day -30)
        }

        It 'cuts days, and shows times, by -TimeZone' {
            $readings = Get-UsageReading compute -Start 2026-06-02 -End 2026-06-02 -TimeZone Asia/Tokyo
            $readings.Timestamp.ToString('o') | Should -Be '2026-06-02T09:00:00.0000000+09:00'
            { Get-UsageReading -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*'
        }

        It 'takes what it writes, and what Add-UsageReading writes' {
            $again = Get-UsageReading compute -Meter 'rack 2' @june | Get-UsageReading @june
            $again | Get-Short | Should -Be '3 compute rack 2 7'
            $again | Add-UsageReading -Total 7 | ForEach-Object { "$($_.Interpretation)" } | Should -Be Repeated
        }

        It 'shows whose readings they are, and what follows from them' {
            $text = (Get-UsageReading bandwidth @june | Out-String -Width 150) -replace '\x1b\[[0-9;]*m'
            $text | Should -Match "2026-06-02 05:30:10 \+00:00 $customer +bandwidth default 95\.5 GB left +0 +5\.5"
            $text | Should -Not -Match 'Taken as'
        }
    }
}

Describe 'Get-UsageReading' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Get-UsageReading -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
