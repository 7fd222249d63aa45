BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1
}

foreach ($kind in Get-TestStore) {
    Describe "A late record on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:today = [datetimeoffset]::new([datetime]::UtcNow.Date, [timespan]::Zero)
        }
        AfterAll { Remove-TestStore $store }

        It 'lands in the day it belongs to, in every report, at once' {
            $null = Connect-NewCustomer $address
            $day = $today.AddDays(-5)
            Set-UsageQuota api 100 -Period Daily -From $day.AddDays(-1).ToString('yyyy-MM-dd')
            Add-UsageRecord api 10 -Timestamp $day.AddHours(9)
            Add-UsageRecord api 20 -Timestamp $today
            $range = @{ Start = $day; End = $day.AddDays(1) }
            (Get-Usage api @range).Quantity | Should -Be 10

            Add-UsageRecord api 90 -Timestamp $day.AddHours(23)
            (Get-Usage api @range).Quantity | Should -Be 100
            (Get-Usage api -Start $day -Detailed | Where-Object Quantity).Quantity | Should -Be 20, 100
            (Measure-Usage -Service api @range).MaximumQuantity | Should -Be 90
            (Measure-Usage -Service api @range -Period Hourly).TotalQuantity | Should -Be 90, 10
            (Get-UsageTrend api | Where-Object Date -EQ $day.DateTime).DailyTotal | Should -Be 100
            (Get-UsagePeak api -Period Daily)[0].TotalUsage | Should -Be 100
            (Get-UsageStatistic api).TotalQuantity | Should -Be 120
            (Get-UsageRecord api @range).Quantity | Should -Be 90, 10
            (Get-UsageQuota api).Used | Should -Be 20
            (Export-Usage "$TestDrive/late.csv" @range -Force | Import-Csv).quantity | Should -Be 90, 10
            Compare-Usage | Should -BeNullOrEmpty
        }
    }
}
