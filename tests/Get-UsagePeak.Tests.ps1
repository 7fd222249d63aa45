BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    function Format-Peak { process { "$($_.Period.ToString('yyyy-MM-dd HH:mmzzz')) $($_.CustomerId) $($_.Service) $($_.TotalUsage) $($_.EventCount)" } }
}

foreach ($kind in Get-TestStore) {
    Describe "Get-UsagePeak on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
            @(
                'acme,api,5,2026-01-05T09:00:00Z', 'acme,api,6,2026-01-05T09:59:59.999999Z', 'acme,api,11,2026-01-12T10:00:00Z', 'acme,api,2,2026-01-12T11:00:00Z'
                'acme,api,30,2026-01-20T23:30:00Z', 'acme,compute,11,2026-01-12T10:00:00Z', 'acme,storage,0,2026-01-12T10:00:00Z'
                'beta,api,11,2026-01-12T10:00:00Z', 'beta,api,1500000,2026-02-01T00:00:00Z'
            ) | ConvertFrom-Csv -Header CustomerId, Service, Quantity, Timestamp | Add-UsageRecord
            $script:january = @{ Start = '2026-01'; End = '2026-01' }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { Connect-UsageStore @address -CustomerId acme }

        It 'has these properties' {
            $peak = Get-UsagePeak api -First 1 @january
            $peak.psobject.Properties.Name | Should -Be 'Period', 'Service', 'TotalUsage', 'EventCount', 'Unit', 'PeriodKind', 'CustomerId'
            "$($peak.PeriodKind)", $peak.Unit | Should -Be 'Hourly', 'requests'
        }

        It 'takes service, period and number by position, and writes the largest first, ties newest first' {
            Get-UsagePeak api Hourly 3 @january | Format-Peak | Should -Be @(
                '2026-01-20 23:00+00:00 acme api 30 1', '2026-01-12 10:00+00:00 acme api 11 1', '2026-01-05 09:00+00:00 acme api 11 2'
            )
        }

        It 'orders ties of one hour by the catalogue, then by customer, and leaves out what was not used' {
            Get-UsagePeak -CustomerId * -Start '2026-01-12 10:00' -End '2026-01-12 11:00' | Format-Peak | Should -Be @(
                '2026-01-12 10:00+00:00 acme api 11 1', '2026-01-12 10:00+00:00 beta api 11 1', '2026-01-12 10:00+00:00 acme compute 11 1'
            )
        }

        It 'cuts days, weeks and months' {
            Get-UsagePeak api Daily 2 @january | Format-Peak | Should -Be '2026-01-20 00:00+00:00 acme api 30 1', '2026-01-12 00:00+00:00 acme api 13 2'
            Get-UsagePeak api Weekly @january | Format-Peak |
                Should -Be '2026-01-19 00:00+00:00 acme api 30 1', '2026-01-12 00:00+00:00 acme api 13 2', '2026-01-05 00:00+00:00 acme api 11 2'
            Get-UsagePeak api Monthly @january | Format-Peak | Should -Be '2026-01-01 00:00+00:00 acme api 54 5'
            { Get-UsagePeak api Yearly } | Should -Throw -ExpectedMessage '*Hourly, Daily, Weekly, Monthly*'
        }

        It 'writes 10 by default' {
            $hour = [datetimeoffset]::new([datetime]::UtcNow.Date.AddDays(-2), [timespan]::Zero)
            1..12 | ForEach-Object { [pscustomobject]@{ Service = 'functions'; Quantity = $_; Timestamp = $hour.AddHours($_); CustomerId = 'many' } } | Add-UsageRecord
            (Get-UsagePeak functions -CustomerId many).TotalUsage | Should -Be (12..3)
            (Get-UsagePeak functions Hourly 12 -CustomerId many).Count | Should -Be 12
            { Get-UsagePeak functions Hourly 0 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        }

        It 'is about the last 30 complete days and today by default' {
            $today = [datetimeoffset]::new([datetime]::UtcNow.Date, [timespan]::Zero)
            Add-UsageRecord api 1 -CustomerId recent -Timestamp $today
            Add-UsageRecord api 2 -CustomerId recent -Timestamp $today.AddDays(-30)
            Add-UsageRecord api 4 -CustomerId recent -Timestamp $today.AddDays(-30).AddTicks(-10)
            (Get-UsagePeak api -CustomerId recent).TotalUsage | Should -Be 2, 1
        }

        It 'cuts hours and days by the clocks of -TimeZone' {
            Get-UsagePeak api Daily 1 @january -TimeZone Europe/Berlin | Format-Peak | Should -Be '2026-01-21 00:00+01:00 acme api 30 1'
            Get-UsagePeak api Hourly 1 @january -TimeZone Asia/Kathmandu | Format-Peak | Should -Be '2026-01-21 05:00+05:45 acme api 30 1'
            { Get-UsagePeak -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*'
        }

        It 'counts only what is in the range' {
            Get-UsagePeak api Hourly 1 -Start '2026-01-05 09:30' -End '2026-01-06' | Format-Peak | Should -Be '2026-01-05 09:00+00:00 acme api 6 1'
            Get-UsagePeak api -Start 2026-01-06 -End 2026-01-07 | Should -BeNullOrEmpty
            { Get-UsagePeak -Start 2026-01-02 -End 2026-01-01 } | Should -Throw -ErrorId 'InvalidRange,*'
            { Get-UsagePeak -Start 01/02/2026 } | Should -Throw -ErrorId 'InvalidTimestamp,*'
        }

        It 'takes several customers, services and wildcards' {
            (Get-UsagePeak A*, comp* -CustomerId b*, acme @january).CustomerId | Sort-Object -Unique | Should -Be acme, beta
            Get-UsagePeak -CustomerId nothing* @january | Should -BeNullOrEmpty
            (Get-UsagePeak nosuch, compute @january -ErrorAction SilentlyContinue -ErrorVariable problem).Service | Should -Be compute
            $problem.FullyQualifiedErrorId | Should -BeLike 'UnknownService,*'
            { Get-UsagePeak -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
        }

        It 'takes service, customer and range, but no period, down the pipeline' {
            [pscustomobject]@{ Service = 'api'; CustomerId = 'beta'; From = '2026-02'; To = '2026-02'; Period = 'Monthly' } | Get-UsagePeak | Format-Peak |
                Should -Be '2026-02-01 00:00+00:00 beta api 1500000 1'
            (Get-Usage api @january | Get-UsagePeak -First 1).TotalUsage | Should -Be 30
        }

        It 'shows figures with K, M and units, and a period as exact as its kind needs' {
            $text = Get-UsagePeak api -CustomerId beta -Start 2026-02 -End 2026-02 | Out-String -Width 120
            $text | Should -Match '(?m)^Period +Service +Customer +Total +Unit +Events\s*$'
            $text | Should -Match '(?m)^2026-02-01 00:00 \+00:00 +api +beta +1\.5M +requests +1\s*$'
            $text -replace '\x1b\[[0-9;]*m' | Should -Not -Match '\x1b'
            Get-UsagePeak api Monthly @january | Out-String -Width 120 | Should -Match '(?m)^2026-01 +api +acme +54 +requests +5\s*$'
            Get-UsagePeak api Weekly 1 @january | Out-String -Width 120 | Should -Match '(?m)^2026-01-19 +api'
        }
    }
}
