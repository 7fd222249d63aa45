BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1
    function Format-Line { process { "$($_.Service) $($_.Kind) $($_.Quantity) x $($_.UnitCost) = $($_.Amount)$($_.InvoiceId ? " on $($_.InvoiceId)" : '')" } }
    $january = @{ Start = '2026-01'; End = '2026-01' }
}

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageCost on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeEach {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Connect-UsageStore @address -CustomerId acme
        }
        AfterEach { Remove-TestStore $store }

        It 'writes a line per service, price and tier' {
            Set-UsagePrice api -Model Graduated -Tier @{ UpTo = 1000; UnitCost = 0.01 }, @{ UnitCost = 0.005 } -From 2026-01-01
            Set-UsagePrice bandwidth 0.02 -From 2026-01-16
            Add-UsageRecord api 1500 -Timestamp 2026-01-05
            Add-UsageRecord bandwidth 10 -Timestamp 2026-01-15T23:59:59Z
            Add-UsageRecord bandwidth 10 -Timestamp 2026-01-16
            $lines = Get-UsageCost @january
            $lines | Format-Line | Should -Be @(
                'api Usage 1000 x 0.01 = 10', 'api Usage 500 x 0.005 = 2.5', 'bandwidth Usage 10 x 0.01 = 0.1', 'bandwidth Usage 10 x 0.02 = 0.2'
            )
            $lines[0].psobject.Properties.Name | Should -Be @(
                'CustomerId', 'Service', 'Kind', 'Description', 'Quantity', 'Unit', 'UnitCost', 'Amount', 'Start', 'End', 'Tier', 'FlatFee', 'InvoiceId'
            )
            $lines.Tier | Should -Be 1, 2, $null, $null
            $lines[1].Description, $lines[1].CustomerId, $lines[1].Unit | Should -Be 'requests, above 1000', acme, requests
            $lines[3].Start.ToString('o'), $lines[3].End.ToString('o') | Should -Be '2026-01-16T00:00:00.0000000+00:00', '2026-02-01T00:00:00.0000000+00:00'
            $lines.InvoiceId | Should -Be $null, $null, $null, $null
        }

        It 'is about the last complete month by default, by the clocks of -TimeZone' {
            $first = [datetime]::new([datetime]::UtcNow.Year, [datetime]::UtcNow.Month, 1)
            Add-UsageRecord bandwidth 1 -Timestamp $first.AddDays(-1).ToString('yyyy-MM-dd')
            Add-UsageRecord bandwidth 2 -Timestamp $first.AddMonths(-1).ToString('yyyy-MM-dd')
            Add-UsageRecord bandwidth 4 -Timestamp $first.AddMonths(-1).AddSeconds(-1).ToString('yyyy-MM-dd HH:mm:ss')
            (Get-UsageCost).Quantity | Should -Be 3
            # An hour before midnight in UTC is the next day in Berlin already.
            (Get-UsageCost -TimeZone Europe/Berlin).Quantity | Should -Be 7
            (Get-UsageCost -TimeZone Europe/Berlin).Start.ToString('dd HH:mm') | Should -Be '01 00:00'
        }

        It 'adds up to the cost of Get-Usage' {
            Set-UsagePrice api 0.0000000003 -From 2026-01-10
            1..40 | ForEach-Object { [pscustomobject]@{ Service = 'api', 'compute' | Get-Random -SetSeed $_; Quantity = "$_.123456789123456789"; Timestamp = "2026-01-$(($_ % 28 + 1).ToString('00'))" } } |
                Add-UsageRecord
            Add-UsageRecord api 3.3333333333333 -UnitCost 0.0000000007 -Timestamp 2026-01-20
            $lines = Get-UsageCost @january
            foreach ($usage in Get-Usage @january | Where-Object Events) {
                $sum = [decimal] 0
                $lines | Where-Object Service -eq $usage.Service | ForEach-Object { $sum += $_.Amount }
                $sum | Should -Be $usage.Cost -Because $usage.Service
            }
        }

        It 'saves an invoice once, and what comes late on the next' {
            Add-UsageRecord bandwidth 100 -Timestamp 2026-01-05
            Get-UsageCost @january -Save -WhatIf | Should -BeNullOrEmpty
            Get-UsageInvoice | Should -BeNullOrEmpty
            $invoice = Get-UsageCost @january -Save
            $invoice.psobject.Properties.Name | Should -Be 'InvoiceId', 'CustomerId', 'Start', 'End', 'Total', 'SavedAt', 'Lines'
            $invoice.InvoiceId, $invoice.CustomerId, $invoice.Total, $invoice.Lines.Count | Should -Be usage-1, acme, 1, 1
            Get-UsageCost @january -Save | Should -BeNullOrEmpty

            Add-UsageRecord bandwidth 5 -Timestamp 2026-01-06
            Get-UsageCost @january | Format-Line | Should -Be 'bandwidth Usage 100 x 0.01 = 1 on usage-1', 'bandwidth Late 5 x 0.01 = 0.05'
            Get-UsageCost -Start 2026-02 -End 2026-02 | Format-Line | Should -Be 'bandwidth Late 5 x 0.01 = 0.05'
            $late = Get-UsageCost -Start 2026-02 -End 2026-02 -Save
            $late.Lines | Format-Line | Should -Be 'bandwidth Late 5 x 0.01 = 0.05 on usage-2'
            Get-UsageCost @january -Save | Should -BeNullOrEmpty
            Invoke-Sql $store 'select invoice_id, count(*) from billing_usage_records group by 1 order by 1' | Should -Be 'usage-1|1', 'usage-2|1'
            # The figures of reports are as they were.
            (Get-Usage bandwidth @january).Cost | Should -Be 1.05
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'charges overage of a plan''s quota' {
            Add-Plan $store acme starter "'api', 100, 'requests', 'soft', 'monthly'", "'bandwidth', -1, 'gb', 'soft', 'monthly'" -Start '2026-01-01 +0' -End '2026-02-01 +0'
            Invoke-Sql $store "update billing_quotas set overage_price = '0.5'"
            Add-UsageRecord api 103 -Timestamp 2026-01-05
            Add-UsageRecord bandwidth 1000 -Timestamp 2026-01-05
            $overage = Get-UsageCost @january | Where-Object Kind -eq Overage
            $overage | Format-Line | Should -Be 'api Overage 3 x 0.5 = 1.5'
            $overage.Description | Should -Be 'above 100 requests of the plan starter'
        }

        It 'charges overage so far where the period still goes on' {
            $start = [datetimeoffset]::new([datetime]::UtcNow.Year, [datetime]::UtcNow.Month, 1, 0, 0, 0, [timespan]::Zero)
            Add-Plan $store acme starter "'api', 100, 'requests', 'soft', 'monthly'" -Start $start -End $start.AddMonths(1)
            Invoke-Sql $store "update billing_quotas set overage_price = '0.5'"
            Add-UsageRecord api 103
            Get-UsageCost -Start $start -End ([datetimeoffset]::UtcNow.AddMinutes(1)) | Format-Line | Should -Be 'api Usage 103 x 0.0001 = 0.0103', 'api Overage 3 x 0.5 = 1.5'
        }

        It 'invoices each customer apart' {
            Add-UsageRecord bandwidth 1 -Timestamp 2026-01-05
            Add-UsageRecord bandwidth 2 -Timestamp 2026-01-05 -CustomerId beta
            (Get-UsageCost @january -CustomerId *).CustomerId | Should -Be acme, beta
            Get-UsageCost @january -CustomerId * -Save | ForEach-Object { "$($_.CustomerId) $($_.Total)" } | Should -Be 'acme 0.01', 'beta 0.02'
        }

        It 'refuses to save a part of the services, a customer that is none, and ranges that are none' {
            { Get-UsageCost api @january -Save } | Should -Throw -ErrorId 'InvalidInvoice,*'
            { Get-UsageCost @january -Save } | Should -Throw -ErrorId 'CustomerNotFound,*'
            Add-UsageRecord api
            { Get-UsageCost -Start '2026-01-05 10:00' -End '2026-01-05 10:00' -Save } | Should -Throw -ErrorId 'InvalidInvoice,*'
            { Get-UsageCost -Start 2026-02 -End 2026-01 } | Should -Throw -ErrorId 'InvalidRange,*'
            Get-UsageCost @january | Should -BeNullOrEmpty
        }

        It 'keeps what it invoiced when the records are archived' {
            Add-UsageRecord bandwidth 100 -Timestamp 2026-01-05
            $null = Get-UsageCost @january -Save
            Add-UsageRecord bandwidth 7 -Timestamp 2026-01-06
            $null = Invoke-UsageFlush
            # What is on no invoice stays, unless asked for.
            (Invoke-UsageArchive -Path "$TestDrive/$($store.Name).csv.gz" -Confirm:$false).Records | Should -Be 1
            Get-UsageCost @january -WarningVariable said | Format-Line | Should -Be 'bandwidth Usage 100 x 0.01 = 1 on usage-1', 'bandwidth Late 7 x 0.01 = 0.07'
            $said | Should -BeNullOrEmpty
        }

        It 'says where an invoice has a part of the range, and more' {
            Add-UsageRecord bandwidth 100 -Timestamp 2026-01-05
            $null = Get-UsageCost @january -Save
            Get-UsageCost -Start 2026-01-01 -End 2026-01-20 -WarningAction SilentlyContinue -WarningVariable said | Should -BeNullOrEmpty
            $said | Should -BeLike 'usage-1*Get-UsageInvoice*'
            $null = Get-UsageCost @january -WarningVariable said
            $said | Should -BeNullOrEmpty
        }

        It 'shows money, and days where bounds are midnights' {
            Add-UsageRecord bandwidth 1234 -Timestamp 2026-01-05
            $text = Get-UsageCost @january | Out-String -Width 200
            $text | Should -Match 'Cost of: acme'
            $text | Should -Match '(?m)^Usage +bandwidth GB +1\.23K +\$0\.01 +\$12\.34 +2026-01-01 +2026-02-01'
        }
    }
}
