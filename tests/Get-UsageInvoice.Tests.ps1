BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageInvoice on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            Add-UsageRecord bandwidth 1 -Timestamp 2026-01-05 -CustomerId acme
            Add-UsageRecord bandwidth 2 -Timestamp 2026-02-05 -CustomerId acme
            Add-UsageRecord bandwidth 4 -Timestamp 2026-01-05 -CustomerId beta
            $null = Get-UsageCost -Start 2026-01 -End 2026-01 -CustomerId * -Save -TimeZone Europe/Berlin
            $null = Get-UsageCost -Start 2026-02 -End 2026-02 -CustomerId acme -Save
        }
        AfterAll { Remove-TestStore $store }

        It 'lists invoices, oldest first, with their lines' {
            Get-UsageInvoice | ForEach-Object { "$($_.InvoiceId) $($_.CustomerId) $($_.Total) $($_.Lines.Amount)" } |
                Should -Be 'usage-1 acme 0.01 0.01', 'usage-2 beta 0.04 0.04', 'usage-3 acme 0.02 0.02'
            $invoice = Get-UsageInvoice usage-1
            # By the clocks that it was saved with.
            $invoice.Start.ToString('o'), $invoice.End.ToString('o') | Should -Be '2026-01-01T00:00:00.0000000+01:00', '2026-02-01T00:00:00.0000000+01:00'
            ([datetimeoffset]::UtcNow - $invoice.SavedAt).TotalMinutes | Should -BeLessThan 10
            $invoice.Lines[0].InvoiceId | Should -Be usage-1
        }

        It 'takes ids, customers and wildcards' {
            (Get-UsageInvoice usage-[23]).InvoiceId | Should -Be usage-2, usage-3
            (Get-UsageInvoice -CustomerId a*).InvoiceId | Should -Be usage-1, usage-3
            Get-UsageInvoice usage-9 | Should -BeNullOrEmpty
            (Get-UsageCost -Start 2026-01 -End 2026-03 -CustomerId beta -TimeZone Europe/Berlin | Get-UsageInvoice).InvoiceId | Should -Be usage-2
        }

        It 'stays as it was when prices change' {
            Set-UsagePrice bandwidth 9 -From 1980-01-01 -WarningAction SilentlyContinue
            (Get-UsageInvoice usage-1).Total | Should -Be 0.01
            (Get-UsageInvoice usage-1 | Get-UsageCost).Amount | Should -Be 0.01
        }
    }
}
