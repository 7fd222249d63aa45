BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Update-UsageSummary on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store

            # As another program would: without the columns it does not know.
            function Add-ForeignRecord([string[]] $Values) {
                Invoke-Sql $store "insert into billing_usage_records (customer_id, service_name, quantity, unit_cost, recorded_at) values $($Values -join ', ')"
            }
            function Get-Quantity { (Get-Usage api -Start 2026-01 -End 2026-01).Quantity }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            Connect-UsageStore @address -CustomerId $customer
            Add-UsageRecord api 1 -Timestamp 2026-01-15T12:00Z
            $null = Invoke-UsageFlush
        }

        It 'folds in what other programs inserted, once' {
            Add-ForeignRecord "('$customer', 'api', '2', '0.5', '2026-01-15 12:01:00.000000Z')", "('$customer', 'api', '4', '0.5', '2026-01-20 00:00:00Z')",
                "('$customer', 'storage', '8', '0.5', '2026-01-20 00:00:00Z')"
            Get-Quantity | Should -Be 1

            $update = Update-UsageSummary
            $update.Buckets, $update.Records | Should -Be 3, 3
            Get-Quantity | Should -Be 7
            $usage = Get-Usage api -Start 2026-01 -End 2026-01
            $usage.Events, $usage.Cost | Should -Be 3, 3.0001 # 1 x 0.0001 + 6 x 0.5
            Invoke-Sql $store "select count(*) from billing_usage_records where customer_id = '$customer' and aggregated" | Should -Be 4

            $again = Update-UsageSummary
            $again.Buckets, $again.Records | Should -Be 0, 0
            Get-Quantity | Should -Be 7
        }

        It 'folds in rows of a customer that nobody made, who can then be read' {
            $ghost = "ghost-$customer"
            Add-ForeignRecord "('$ghost', 'api', '3', '0', '2026-01-15 12:00:00Z')"
            (Update-UsageSummary).Records | Should -Be 1
            (Get-Usage api -CustomerId $ghost -Start 2026-01 -End 2026-01).Quantity | Should -Be 3
        }

        It 'leaves a damaged bucket alone without a range, and repairs it with one' {
            Invoke-Sql $store "update usage_buckets set total_quantity = '999', event_count = 7 where customer_id = '$customer'"
            Get-Quantity | Should -Be 999
            (Update-UsageSummary).Buckets | Should -Be 0
            (Update-UsageSummary -Start 2026-01-16 -End 2026-01-31).Buckets | Should -Be 0
            Get-Quantity | Should -Be 999

            (Update-UsageSummary -Start 2026-01-15 -End 2026-01-15).Buckets | Should -Be 1
            Get-Quantity | Should -Be 1
            (Update-UsageSummary -Start 2026-01-15 -End 2026-01-15).Buckets | Should -Be 0
        }

        It 'brings back a lost bucket, and removes one without records' {
            Invoke-Sql $store "update usage_buckets set bucket_start = '2026-01-20 00:00:00$($store.Path ? '.000000' : '')Z' where customer_id = '$customer'"
            (Get-Usage api -Start 2026-01-15 -End 2026-01-15).Quantity | Should -Be 0
            (Update-UsageSummary -From 2026-01 -To 2026-01).Buckets | Should -Be 2
            (Get-Usage api -Start 2026-01-15 -End 2026-01-15).Quantity | Should -Be 1
            (Get-Usage api -Start 2026-01-20 -End 2026-01-20).Quantity | Should -Be 0
        }

        It 'keeps to the services and customers asked for' {
            Set-UsageCustomer "$customer-2"
            Add-ForeignRecord "('$customer', 'api', '2', '0', '2026-01-15 12:00:00Z')", "('$customer', 'storage', '2', '0', '2026-01-15 12:00:00Z')",
                "('$customer-2', 'api', '2', '0', '2026-01-15 12:00:00Z')"
            (Update-UsageSummary api -CustomerId $customer).Records | Should -Be 1
            (Update-UsageSummary -CustomerId "$customer*").Records | Should -Be 2
            { Update-UsageSummary -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
        }

        It 'changes nothing with -WhatIf' {
            Add-ForeignRecord "('$customer', 'api', '2', '0', '2026-01-15 12:00:00Z')"
            Update-UsageSummary -WhatIf | Should -BeNullOrEmpty
            Get-Quantity | Should -Be 1
            (Update-UsageSummary).Records | Should -Be 1
        }
    }
}
