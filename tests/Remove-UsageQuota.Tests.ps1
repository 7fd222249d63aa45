BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1

    function Get-Row { Invoke-Sql $store "select service_name, in_force_from, is_ended from usage_quotas where customer_id like '$customer%' order by 1, 2" }
}

foreach ($kind in Get-TestStore) {
    Describe "Remove-UsageQuota on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:month = (Get-Day 0).ToString('yyyy-MM-01')
            $script:no, $script:yes = $store.Path ? (0, 1) : ('f', 't')
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'removes a quota, and writes nothing' {
            Set-UsageQuota api 100
            Set-UsageQuota compute 5
            @(Remove-UsageQuota api).Count | Should -Be 0
            (Get-UsageQuota).Service | Should -Be compute
            Get-Row | Should -Be "compute|$month|$no"
        }

        It 'ends it from this period on, and leaves past ones' {
            Set-UsageQuota bandwidth 100 -From 2026-01
            Set-UsageQuota bandwidth 200 -From 2026-06
            $before = Get-UsageBurndown bandwidth -Month 2026-02
            Remove-UsageQuota bandwidth
            Get-UsageQuota | Should -BeNullOrEmpty
            Test-UsageQuota bandwidth 1e9 -WarningVariable warning | Should -BeTrue
            $warning | Should -BeNullOrEmpty
            Get-Row | Should -Be "bandwidth|2026-01-01|$no", "bandwidth|2026-06-01|$no", "bandwidth|$month|$yes"
            $after = Get-UsageBurndown bandwidth -Month 2026-02
            $after.Target | Should -Be $before.Target
            $after[-1].Limit, (Get-UsageBurndown bandwidth -Month 2026-07)[-1].Limit | Should -Be 100, 200
            { Get-UsageBurndown bandwidth } | Should -Throw -ErrorId 'QuotaNotFound,*'
        }

        It 'ends it from the period of -From on, settings after it included' {
            Set-UsageQuota bandwidth 100 -AnchorDay 15 -From 2026-01-15
            Set-UsageQuota bandwidth 200 -From 2026-06-15
            Remove-UsageQuota bandwidth -From 2026-03-20
            Get-Row | Should -Be "bandwidth|2026-01-15|$no", "bandwidth|2026-03-15|$yes"
            Remove-UsageQuota bandwidth -From 1980
            Get-Row | Should -BeNullOrEmpty
        }

        It 'lets a new one begin after it' {
            Set-UsageQuota bandwidth 100 -From 2026-01
            Remove-UsageQuota bandwidth -From 2026-03
            Set-UsageQuota bandwidth 300
            Get-Row | Should -Be "bandwidth|2026-01-01|$no", "bandwidth|2026-03-01|$yes", "bandwidth|$month|$no"
            { Get-UsageBurndown bandwidth -Month 2026-04 } | Should -Throw -ErrorId 'QuotaNotFound,*'
            (Get-UsageBurndown bandwidth -WarningAction SilentlyContinue)[-1].Limit | Should -Be 300
        }

        It 'takes wildcards, several customers, and what Get-UsageQuota writes' {
            foreach ($who in 'a', 'b', 'c') { Set-UsageQuota api 1 -CustomerId "$customer-$who"; Set-UsageQuota compute 1 -CustomerId "$customer-$who" }
            Remove-UsageQuota a* -CustomerId "$customer-a", "$customer-b"
            Get-UsageQuota -CustomerId "$customer-c" | Remove-UsageQuota
            Invoke-Sql $store "select customer_id, service_name from usage_quotas where customer_id like '$customer%' order by 1" |
                Should -Be "$customer-a|compute", "$customer-b|compute"
            Remove-UsageQuota * -CustomerId "$customer-*"
            Get-Row | Should -BeNullOrEmpty
        }

        It 'says where a service named has no quota, and nothing of wildcards' {
            Set-UsageQuota api 1
            { Remove-UsageQuota functions } | Should -Throw -ErrorId 'QuotaNotFound,*'
            Remove-UsageQuota func*
            Remove-UsageQuota functions, api -ErrorAction SilentlyContinue -ErrorVariable errors
            $errors.FullyQualifiedErrorId | Should -BeLike 'QuotaNotFound,*'
            Get-Row | Should -BeNullOrEmpty
            { Remove-UsageQuota nosuch } | Should -Throw -ErrorId 'UnknownService,*'
            { Remove-UsageQuota api -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
            Set-UsageQuota api 1
            { Remove-UsageQuota api -From soon } | Should -Throw -ErrorId 'InvalidTimestamp,*'
            { Remove-UsageQuota api -From 0001-01-01 } | Should -Throw -ErrorId 'InvalidTimestamp,*'
        }

        It 'does not remove what is removed already' {
            Set-UsageQuota api 100 -From 2026-01
            Remove-UsageQuota api -From 2026-03
            { Remove-UsageQuota api } | Should -Throw -ErrorId 'QuotaNotFound,*'
            { Remove-UsageQuota api -From 2026-03-01 } | Should -Throw -ErrorId 'QuotaNotFound,*'
            Remove-UsageQuota *
            Get-Row | Should -Be "api|2026-01-01|$no", "api|2026-03-01|$yes"
            Remove-UsageQuota api -From 2026-02-28
            Get-Row | Should -Be "api|2026-01-01|$no", "api|2026-02-01|$yes"
        }

        It 'does not remove a plan''s quota' {
            Add-Plan $store $customer "p-$customer" "'api', 10, null, 'hard', 'monthly'" -Start (Get-Day -3) -End (Get-Day -3).AddMonths(1)
            { Remove-UsageQuota api } | Should -Throw -ErrorId 'QuotaNotFound,*'
            (Get-UsageQuota).Limit | Should -Be 10
        }

        It 'changes nothing with -WhatIf, and says what it would' {
            Set-UsageQuota api 100
            $said = Get-HostText { Remove-UsageQuota api -WhatIf }
            $said | Should -BeLike "*remove the quota from $month on*api of $customer*"
            Get-Row | Should -Be "api|$month|$no"
        }

        It 'leaves usage, top-ups and alerts alone' {
            Set-UsageQuota api 10
            Add-UsageRecord api 30
            Add-UsageAllowance api 5
            $null = Invoke-UsageAlertCheck
            Remove-UsageQuota api
            (Get-Usage api).Quantity | Should -Be 30
            Invoke-Sql $store "select amount from usage_allowances where customer_id = '$customer'" | Should -Be 5
            @(Get-UsageAlert).Count | Should -Be 1
        }
    }
}

Describe 'Remove-UsageQuota' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Remove-UsageQuota api -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
