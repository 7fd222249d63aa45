BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1

    function Get-Row([string] $Columns = 'service_name, amount') {
        Invoke-Sql $store "select $Columns from usage_allowances where customer_id = '$customer' order by allowance_id"
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Add-UsageAllowance on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:start = Get-Day -15
            $script:anchor = @{ AnchorDay = $start.Day }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'comes on top of the limit; several add up' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 78
            @(Add-UsageAllowance api 50).Count | Should -Be 0
            $quota = Add-UsageAllowance API 0.5 -Note 'a little' -PassThru
            $quota.Limit, $quota.Allowances, $quota.Used, $quota.Remaining | Should -Be 150.5, 50.5, 78, 72.5
            Get-Row 'service_name, amount, note is null' | Should -Be "api|50|$($store.Path ? '1' : 't')", "api|0.5|$($store.Path ? '0' : 'f')"
            Get-Row note | Select-Object -Last 1 | Should -Be 'a little'
        }

        It 'is for the period that its time falls into, and for no other' {
            Set-UsageQuota api 100 @anchor -From $start.AddDays(-10)
            Add-UsageAllowance api 10 -Timestamp $start.AddTicks(-10)
            Add-UsageAllowance api 20 -Timestamp $start
            Add-UsageAllowance api 40 -Timestamp ([datetimeoffset]::UtcNow)
            (Get-UsageQuota).Limit | Should -Be 160
        }

        It 'is for one customer and service' {
            Set-UsageQuota api 100
            Set-UsageQuota compute 100
            Set-UsageQuota api 100 -CustomerId "$customer-2"
            Add-UsageAllowance api 10
            Get-UsageQuota -CustomerId "$customer*" | ForEach-Object Limit | Should -Be 110, 100, 100
        }

        It 'reads -Timestamp in -TimeZone, else in the session''s zone' {
            Set-UsageQuota api 100 -From 2026-01
            Add-UsageAllowance api 1 -Timestamp '2026-02-01 10:00' -TimeZone America/New_York
            Add-UsageAllowance api 2 -Timestamp 2026-02-03
            Add-UsageAllowance api 3 -Timestamp '2026-02-04T00:00:00+14:00'
            $expected = '2026-02-01 15:00:00', '2026-02-03 00:00:00', '2026-02-03 10:00:00'
            Get-Row ($store.Path ? 'substr(in_force_at, 1, 19)' : "to_char(in_force_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS')") | Should -Be $expected
        }

        It 'goes on top of a plan''s quota too' {
            Add-Plan $store $customer "p-$customer" "'api', 10, null, 'hard', 'monthly'" -Start $start -End $start.AddMonths(1)
            (Add-UsageAllowance api 5 -PassThru).Limit | Should -Be 15
        }

        It 'raises a level of storage in GB' {
            Set-UsageQuota storage 10 @anchor
            (Add-UsageAllowance storage 2.5 -PassThru).Limit | Should -Be 12.5
        }

        It 'shows in the burn-down from its day on' {
            Set-UsageQuota api 100 -From 2026-02
            Add-UsageAllowance api 28 -Timestamp '2026-02-10 23:59'
            $days = Get-UsageBurndown api -Month 2026-02
            $days[8].Limit, $days[9].Limit, $days[27].Limit | Should -Be 100, 128, 128
            # Nothing was used; after the tenth of 28 days 18/28 of 128 should be left.
            $days[8].Actual, $days[9].Actual | Should -Be 100, 128
            $days[8].Target, $days[9].Target | Should -Be 67.857142857143, 82.285714285714
        }

        It 'makes the alerts new' {
            Set-UsageQuota api 100 @anchor
            Add-UsageRecord api 80
            (Invoke-UsageAlertCheck).Message | Should -Be 'WARNING: api usage at 80% - 80/100'
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
            Add-UsageAllowance api 5
            (Invoke-UsageAlertCheck).Message | Should -Be 'WARNING: api usage at 76% - 80/105'
            Add-UsageAllowance api 500
            Invoke-UsageAlertCheck | Should -BeNullOrEmpty
        }

        It 'takes objects down the pipeline' {
            Set-UsageQuota api 100
            Set-UsageQuota compute 100
            [pscustomobject]@{ Service = 'api'; Quantity = '7'; Note = 'seven' }, [pscustomobject]@{ Service = 'compute'; Amount = 3 } | Add-UsageAllowance
            Get-Row | Should -Be 'api|7', 'compute|3'
        }

        It 'refuses <Arguments>: <ErrorId>' -ForEach @(
            @{ Arguments = @{ Quantity = '1,5' }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Quantity = 1, 5 }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Quantity = 0 }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Quantity = -5 }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Quantity = $null }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Quantity = 1.1e18 }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Quantity = 1; Service = 'compute' }; ErrorId = 'QuotaNotFound' }
            @{ Arguments = @{ Quantity = 1; Service = 'nosuch' }; ErrorId = 'UnknownService' }
            @{ Arguments = @{ Quantity = 1; Service = 'functions' }; ErrorId = 'InvalidQuota' } # any amount may be used
            @{ Arguments = @{ Quantity = 1; Timestamp = '2020-01-01' }; ErrorId = 'QuotaNotFound' } # before the quota
            @{ Arguments = @{ Quantity = 1; Timestamp = 'soon' }; ErrorId = 'InvalidTimestamp' }
            @{ Arguments = @{ Quantity = 1; Timestamp = '2099-01-01' }; ErrorId = 'InvalidTimestamp' }
            @{ Arguments = @{ Quantity = 1; Timestamp = '2026-01-01'; TimeZone = 'Mars/Olympus' }; ErrorId = 'InvalidTimeZone' }
            @{ Arguments = @{ Quantity = 1; CustomerId = 'a*' }; ErrorId = 'InvalidCustomerId' }
            @{ Arguments = @{ Quantity = 1; CustomerId = 'nobody' }; ErrorId = 'QuotaNotFound' }
        ) {
            Set-UsageQuota api 100
            Set-UsageQuota functions -1
            $all = @{ Service = 'api' }
            $Arguments.GetEnumerator() | ForEach-Object { $all[$_.Key] = $_.Value }
            { Add-UsageAllowance @all } | Should -Throw -ErrorId "$ErrorId,*"
            Get-Row | Should -BeNullOrEmpty
        }

        It 'adds nothing with -WhatIf, and says what it would' {
            Set-UsageQuota api 100
            Get-HostText { Add-UsageAllowance api 5 -WhatIf } | Should -BeLike "*add 5 to the quota*api of $customer*"
            Get-Row | Should -BeNullOrEmpty
        }
    }
}

Describe 'Add-UsageAllowance' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Add-UsageAllowance api 5 -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
