BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Remove-UsageCustomer on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            Set-UsageCustomer idle
            1..3 | ForEach-Object { Add-UsageRecord api -CustomerId busy -EventKey "key $_" }
            Add-UsageRecord api -CustomerId neighbour
            $null = Invoke-UsageFlush
        }

        It 'removes a customer without records, and writes nothing' {
            Remove-UsageCustomer idle -Confirm:$false | Should -BeNullOrEmpty
            (Get-UsageCustomer).CustomerId | Should -Not -Contain idle
        }

        It 'refuses a customer with records, and says how many' {
            Remove-UsageCustomer busy -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'CustomerHasRecords,*'
            $problem.CategoryInfo.Category | Should -Be ResourceExists
            $problem.TargetObject | Should -Be busy
            "$problem" | Should -BeLike '*3 usage records*-Force*'
            Invoke-Sql $store "select count(*) from billing_usage_records where customer_id = 'busy'" | Should -Be 3
        }

        It 'refuses a customer whose records are archived, since the figures of these would go too' {
            1..2 | ForEach-Object { Add-UsageRecord api -CustomerId archived -Timestamp "2026-01-0$_" }
            $null = Invoke-UsageArchive -Path "$TestDrive/$Kind.csv" -CustomerId archived -Confirm:$false
            Remove-UsageCustomer archived -Confirm:$false -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId | Should -BeLike 'CustomerHasRecords,*'
            "$problem" | Should -BeLike '*0 usage records, and the figures of 2 archived ones. Use -Force*'
            (Get-Usage api -CustomerId archived -Start 2026-01).Events | Should -Be 2
            Remove-UsageCustomer archived -Force -Confirm:$false
            (Get-UsageCustomer).CustomerId | Should -Not -Contain archived
        }

        It 'removes everything of a customer with -Force, and nothing of others' {
            Remove-UsageCustomer busy -Force -Confirm:$false
            foreach ($table in 'billing_customers', 'billing_usage_records', 'usage_buckets', 'usage_event_keys') {
                Invoke-Sql $store "select count(*) from $table where customer_id = 'busy'" | Should -Be 0
            }
            (Get-Usage api -CustomerId neighbour).Events | Should -BeGreaterThan 0
            # Its event keys are free again.
            Add-UsageRecord api -CustomerId busy -EventKey 'key 1'
            (Invoke-UsageFlush).Duplicates | Should -Be 0
        }

        It 'removes quotas, top-ups, alerts and readings, so that another customer of this name begins anew' {
            Set-UsageQuota api 2 -CustomerId busy
            Add-UsageAllowance api 1 -CustomerId busy
            $null = Add-UsageReading bandwidth -Total 5 -CustomerId busy
            (Invoke-UsageAlertCheck -CustomerId busy).Level | Should -Be Exceeded
            $tables = 'usage_quotas', 'usage_allowances', 'usage_alerts', 'usage_readings', 'usage_meters'
            foreach ($table in $tables) {
                [int] (Invoke-Sql $store "select count(*) from $table where customer_id = 'busy'") | Should -BeGreaterThan 0 -Because $table
            }
            Remove-UsageCustomer busy -Force -Confirm:$false
            foreach ($table in $tables) {
                Invoke-Sql $store "select count(*) from $table where customer_id = 'busy'" | Should -Be 0 -Because $table
            }
        }

        It 'knows of records that still wait' {
            Add-UsageRecord api -CustomerId waiting
            { Remove-UsageCustomer waiting -Confirm:$false } | Should -Throw -ErrorId 'CustomerHasRecords,*'
            Remove-UsageCustomer waiting -Force -Confirm:$false
            $null = Invoke-UsageFlush
            (Get-UsageCustomer).CustomerId | Should -Not -Contain waiting
        }

        It 'takes wildcards, and customers down the pipeline' {
            'tmp-1', 'tmp-2', 'tmp-3' | Set-UsageCustomer
            Remove-UsageCustomer tmp-1, 'tmp-[2]' -Confirm:$false
            (Get-UsageCustomer tmp-*).CustomerId | Should -Be tmp-3
            Get-UsageCustomer tmp-* | Remove-UsageCustomer -Confirm:$false
            Get-UsageCustomer tmp-* | Should -BeNullOrEmpty
        }

        It 'has an error for a customer that does not exist' {
            { Remove-UsageCustomer nobody -Confirm:$false } | Should -Throw -ErrorId 'CustomerNotFound,*'
        }

        It 'asks first, and removes nothing with -WhatIf' {
            [System.Management.Automation.CommandMetadata]::new((Get-Command Remove-UsageCustomer)).ConfirmImpact | Should -Be High
            Remove-UsageCustomer idle, busy -Force -WhatIf
            (Get-UsageCustomer).CustomerId | Should -Contain idle
            Invoke-Sql $store "select count(*) > 0 from billing_usage_records where customer_id = 'busy'" | Should -BeIn '1', 't'
        }
    }
}
