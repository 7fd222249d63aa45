BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1

    function Get-Row([string] $Columns) {
        Invoke-Sql $store "select $Columns from usage_quotas where customer_id = '$customer' order by service_name, in_force_from"
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Set-UsageQuota on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:month = (Get-Day 0).ToString('yyyy-MM-01')
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'writes nothing, and with -PassThru how the quota stands' {
            @(Set-UsageQuota api 100).Count | Should -Be 0
            $quota = Set-UsageQuota api 200 -PassThru
            $quota.psobject.Properties.Name | Should -Be @(
                'Service', 'Limit', 'Used', 'Remaining', 'Percent', 'Level', 'Unit', 'Kind', 'PeriodStart', 'PeriodEnd', 'RunsOutAt'
                'Enforcement', 'CarriedOver', 'Allowances', 'Period', 'AnchorDay', 'CarryOver', 'CountHours', 'CountDays', 'TimeZone'
                'PlanName', 'CustomerId')
            $quota.Service, $quota.Limit, $quota.CustomerId | Should -Be api, 200, $customer
        }

        It 'makes a new quota monthly from the first, soft, in UTC, of all hours, without carry-over' {
            Set-UsageQuota API 100
            Get-Row 'service_name, in_force_from, limit_value, unit is null, enforcement_mode, reset_period, anchor_day, carry_over, count_hours, count_days, time_zone, is_ended' |
                Should -Be "api|$month|100|$($store.Path ? '1|soft|monthly|1|0|||UTC|0' : 't|soft|monthly|1|0|||UTC|f')"
            $quota = Get-UsageQuota
            "$($quota.Enforcement) $($quota.Period) $($quota.AnchorDay) $($quota.CarryOver) $($quota.TimeZone)" | Should -Be 'Soft Monthly 1 0 UTC'
            $quota.PeriodStart.ToString('o') | Should -Be "${month}T00:00:00.0000000+00:00"
            $quota.PeriodEnd | Should -Be ([datetimeoffset] "$month +0").AddMonths(1)
        }

        It 'changes the values that are given and keeps the others' {
            $all = @{
                Enforcement = 'Hard'; Period = 'Weekly'; AnchorDay = 3; CarryOver = 12.5; CountHours = '8-24'; CountDays = 'Mon-Fri'; TimeZone = 'Europe/London'
            }
            Set-UsageQuota bandwidth 0.5 @all
            Set-UsageQuota bandwidth -Limit 7
            Get-Row 'limit_value, enforcement_mode, reset_period, anchor_day, carry_over, count_hours, count_days, time_zone' |
                Should -Be '7|hard|weekly|3|12.5|8-24|Monday,Tuesday,Wednesday,Thursday,Friday|Europe/London'
            Set-UsageQuota bandwidth -Enforcement Soft -CountDays ''
            Set-UsageQuota bandwidth -CarryOver 0 -CountHours @()
            Get-Row 'limit_value, enforcement_mode, reset_period, anchor_day, carry_over, count_hours, count_days, time_zone' |
                Should -Be '7|soft|weekly|3|0|||Europe/London'
        }

        It 'begins on day 1 where the kind of period changes, since an anchor of the other means nothing' {
            Set-UsageQuota api 7 -AnchorDay 31
            Set-UsageQuota api -Period Weekly
            (Get-UsageQuota api).AnchorDay | Should -Be 1
            (Get-UsageQuota api).PeriodStart.DayOfWeek | Should -Be Monday
        }

        It 'takes the limit <Limit>' -ForEach @(
            @{ Limit = 0.5; Kept = '0.5' }, @{ Limit = '0.5'; Kept = '0.5' }, @{ Limit = 0; Kept = '0' }, @{ Limit = -1; Kept = '-1' }, @{ Limit = '-1'; Kept = '-1' }
            @{ Limit = -1.0; Kept = '-1' }, @{ Limit = 1000000000000000000; Kept = '1000000000000000000' }, @{ Limit = '1e3'; Kept = '1000' }
            @{ Limit = 0.000000000000000001d; Kept = '0.000000000000000001' }
        ) {
            Set-UsageQuota compute $Limit
            Get-Row limit_value | Should -Be $Kept
            (Get-UsageQuota).Limit.ToString([cultureinfo]::InvariantCulture) | Should -Be $Kept
        }

        It 'refuses <Arguments>: <ErrorId>' -ForEach @(
            @{ Arguments = @{}; ErrorId = 'InvalidQuota' } # a new one needs a limit
            @{ Arguments = @{ Limit = '1,5' }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Limit = 1, 5 }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Limit = -2 }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Limit = -0.5 }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Limit = 'much' }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Limit = '' }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Limit = 1.1e18 }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Limit = 5; CarryOver = '1,5' }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Limit = 5; CarryOver = -1 }; ErrorId = 'InvalidQuantity' }
            @{ Arguments = @{ Limit = 5; CarryOver = 100.1 }; ErrorId = 'InvalidQuota' }
            @{ Arguments = @{ Limit = 5; AnchorDay = 0 }; ErrorId = 'InvalidQuota' }
            @{ Arguments = @{ Limit = 5; AnchorDay = 32 }; ErrorId = 'InvalidQuota' }
            @{ Arguments = @{ Limit = 5; Period = 'Weekly'; AnchorDay = 8 }; ErrorId = 'InvalidQuota' }
            @{ Arguments = @{ Limit = 5; Period = 'Daily'; AnchorDay = 2 }; ErrorId = 'InvalidQuota' }
            @{ Arguments = @{ Limit = 5; Unit = 'connections' }; ErrorId = 'InvalidQuota' }
            @{ Arguments = @{ Limit = 5; CountHours = '9-25' }; ErrorId = 'InvalidHours' }
            @{ Arguments = @{ Limit = 5; CountHours = '9:10-18' }; ErrorId = 'InvalidHours' }
            @{ Arguments = @{ Limit = 5; CountHours = 'morning' }; ErrorId = 'InvalidHours' }
            @{ Arguments = @{ Limit = 5; CountDays = 'Mo' }; ErrorId = 'InvalidHours' }
            @{ Arguments = @{ Limit = 5; CountDays = 'Mon-Wed-Fri' }; ErrorId = 'InvalidHours' }
            @{ Arguments = @{ Limit = 5; From = 'soon' }; ErrorId = 'InvalidTimestamp' }
            @{ Arguments = @{ Limit = 5; From = '0001-01-01'; AnchorDay = 15 }; ErrorId = 'InvalidTimestamp' }
            @{ Arguments = @{ Limit = 5; From = [datetimeoffset]::MaxValue }; ErrorId = 'InvalidTimestamp' }
            @{ Arguments = @{ Limit = 5; TimeZone = 'Mars/Olympus' }; ErrorId = 'InvalidTimeZone' }
            @{ Arguments = @{ Limit = 5; Service = 'nosuch' }; ErrorId = 'UnknownService' }
            @{ Arguments = @{ Limit = 5; Service = 'a*' }; ErrorId = 'UnknownService' }
            @{ Arguments = @{ Limit = 5; CustomerId = 'acme*' }; ErrorId = 'InvalidCustomerId' }
            @{ Arguments = @{ Limit = 5; Service = 'storage'; CarryOver = 50 }; ErrorId = 'InvalidQuota' }
            @{ Arguments = @{ Limit = 5; Service = 'storage'; CountHours = '9-18' }; ErrorId = 'InvalidQuota' }
        ) {
            $all = @{ Service = 'api' } + @{}
            $Arguments.GetEnumerator() | ForEach-Object { $all[$_.Key] = $_.Value }
            { Set-UsageQuota @all } | Should -Throw -ErrorId "$ErrorId,*"
            Get-Row '1' | Should -BeNullOrEmpty
        }

        It 'says what would be right' {
            { Set-UsageQuota api } | Should -Throw '*needs a limit*'
            { Set-UsageQuota api '1,5' } | Should -Throw "*'1,5' is no number*point*"
            { Set-UsageQuota api 5 -AnchorDay 40 } | Should -Throw '*1 to 31, not 40*'
            { Set-UsageQuota database 5 -Unit connections } | Should -Throw "*'database' counts queries*connections*"
            { Set-UsageQuota storage 5 -CarryOver 10 } | Should -Throw '*-Unit GB-hours*'
        }

        It 'goes on with the rest of the input where one is wrong' {
            $rows = [pscustomobject]@{ Service = 'api' }, [pscustomobject]@{ Service = 'nosuch' }, [pscustomobject]@{ Service = 'compute'; CustomerId = "$customer-2" }
            $rows | Set-UsageQuota -Limit 5 -ErrorAction SilentlyContinue -ErrorVariable errors
            $errors.FullyQualifiedErrorId | Should -BeLike 'UnknownService,*'
            Invoke-Sql $store "select customer_id, service_name from usage_quotas where customer_id like '$customer%' order by 1" |
                Should -Be "$customer|api", "$customer-2|compute"
        }

        It 'does not make a limit of what a quota has with its top-ups' {
            Set-UsageQuota api 100
            Add-UsageAllowance api 20
            Get-UsageQuota | Set-UsageQuota -Enforcement Hard
            Get-Row 'limit_value, enforcement_mode' | Should -Be '100|hard'
            (Get-UsageQuota).Limit | Should -Be 120
        }

        It 'changes nothing with -WhatIf, and says what it would' {
            Set-UsageQuota api 100
            $said = Get-HostText { Set-UsageQuota api 5 -WhatIf }
            $said | Should -BeLike "*set the quota to 5 requests, monthly, from $month on (UTC)*api of $customer*"
            Set-UsageQuota compute 5 -CustomerId "$customer-new" -WhatIf
            Get-Row limit_value | Should -Be 100
            Invoke-Sql $store "select count(*) from billing_customers where customer_id = '$customer-new'" | Should -Be 0
        }

        It 'creates a customer, but not with AutoCreateCustomer off' {
            Set-UsageQuota api 5 -CustomerId "$customer-a"
            Invoke-Sql $store "select count(*) from billing_customers where customer_id = '$customer-a'" | Should -Be 1
            Set-UsageOption -AutoCreateCustomer $false
            try {
                Set-UsageQuota api 6 -CustomerId "$customer-a"
                { Set-UsageQuota api 5 -CustomerId "$customer-b" } | Should -Throw -ErrorId 'CustomerNotFound,*' -ExpectedMessage '*Set-UsageCustomer*'
            }
            finally { Set-UsageOption -AutoCreateCustomer $true }
            Invoke-Sql $store "select customer_id, limit_value from usage_quotas where customer_id like '$customer-%'" | Should -Be "$customer-a|6"
        }

        It 'is in force from the period of -From on until the next setting, and leaves earlier and later ones alone' {
            Set-UsageQuota api 300
            Set-UsageQuota api 100 -From 2026-01
            Set-UsageQuota api 200 -From 2026-03-17
            Set-UsageQuota api 50 -From 2025-11-05T10:00:00Z
            Get-Row 'in_force_from, limit_value' | Should -Be '2025-11-01|50', '2026-01-01|100', '2026-03-01|200', "$month|300"
            (Get-UsageQuota).Limit | Should -Be 300
            Set-UsageQuota api 400
            Set-UsageQuota api 110 -From 2026-01-31
            Get-Row 'in_force_from, limit_value' | Should -Be '2025-11-01|50', '2026-01-01|110', '2026-03-01|200', "$month|400"
        }

        It 'takes 1980 in any zone' {
            Set-UsageQuota api 5 -From 1980 -TimeZone Asia/Tokyo
            Get-Row in_force_from | Should -Be '1980-01-01'
            Set-UsageQuota compute 5 -From 9999-12-31
            Get-Row in_force_from | Should -Be '1980-01-01', '9999-01-01'
        }

        It 'takes a period that is yet to come' {
            Set-UsageQuota api 100
            $next = ([datetimeoffset] "$month +0").AddMonths(1)
            Set-UsageQuota api 500 -From $next
            Get-Row 'in_force_from, limit_value' | Should -Be "$month|100", "$($next.ToString('yyyy-MM-dd'))|500"
            (Get-UsageQuota).Limit | Should -Be 100
            # Only the present one is changed.
            Set-UsageQuota api 150
            Get-Row limit_value | Should -Be 150, 500
        }

        It 'clamps the anchor day 31 to a shorter month''s last day, and does not drift: <From> is in the period from <Start>' -ForEach @(
            @{ From = '2026-01-30'; Start = '2025-12-31' }, @{ From = '2026-01-31'; Start = '2026-01-31' }, @{ From = '2026-02-27'; Start = '2026-01-31' }
            @{ From = '2026-02-28'; Start = '2026-02-28' }, @{ From = '2026-03-30'; Start = '2026-02-28' }, @{ From = '2026-03-31'; Start = '2026-03-31' }
            @{ From = '2026-04-30'; Start = '2026-04-30' }, @{ From = '2026-05-31'; Start = '2026-05-31' }
            @{ From = '2028-02-28'; Start = '2028-01-31' }, @{ From = '2028-02-29'; Start = '2028-02-29' } # a leap year
        ) {
            Set-UsageQuota api 5 -AnchorDay 31 -From $From
            Get-Row in_force_from | Should -Be $Start
        }

        It 'begins weeks on Monday, or on the anchor day: <AnchorDay>' -ForEach @(
            # The sixth of July 2026 is a Monday.
            @{ AnchorDay = $null; From = '2026-07-12'; Start = '2026-07-06' }, @{ AnchorDay = 1; From = '2026-07-06'; Start = '2026-07-06' }
            @{ AnchorDay = 7; From = '2026-07-11'; Start = '2026-07-05' }, @{ AnchorDay = 7; From = '2026-07-12'; Start = '2026-07-12' }
            @{ AnchorDay = 3; From = '2026-07-07'; Start = '2026-07-01' }
        ) {
            $anchor = $AnchorDay ? @{ AnchorDay = $AnchorDay } : @{}
            Set-UsageQuota api 5 -Period Weekly @anchor -From $From
            Get-Row in_force_from | Should -Be $Start
        }

        It 'has daily quotas' {
            $quota = Set-UsageQuota api 5 -Period Daily -PassThru
            $quota.PeriodStart, $quota.PeriodEnd | Should -Be (Get-Day 0), (Get-Day 1)
        }

        It 'keeps its own zone, whatever the session''s' {
            Set-UsageQuota api 5 -Period Daily -TimeZone Pacific/Kiritimati
            $local = [System.TimeZoneInfo]::ConvertTimeBySystemTimeZoneId([datetimeoffset]::UtcNow, 'Pacific/Kiritimati')
            Set-UsageOption -TimeZone America/New_York
            try {
                Set-UsageQuota api 6
                $quota = Get-UsageQuota
                Set-UsageQuota compute 1
                (Get-UsageQuota compute).TimeZone | Should -Be America/New_York
            }
            finally { Set-UsageOption -TimeZone UTC }
            $quota.TimeZone, $quota.Limit | Should -Be Pacific/Kiritimati, 6
            $quota.PeriodStart.ToString('o') | Should -Be "$($local.ToString('yyyy-MM-dd'))T00:00:00.0000000+14:00"
        }

        It 'reads -From in the quota''s zone' {
            Set-UsageQuota api 100 -TimeZone America/New_York -From 2026-05
            # In UTC the first of June begins while it is still May there.
            Set-UsageQuota api 200 -From 2026-06-01
            Get-Row 'in_force_from, limit_value' | Should -Be '2026-05-01|100', '2026-06-01|200'
        }

        It 'changes the quota of today where the session''s day is another one' {
            # There it is always at least a day later than here.
            Set-UsageOption -TimeZone Etc/GMT+12
            try {
                Set-UsageQuota api 5 -Period Daily -TimeZone Pacific/Kiritimati -Enforcement Hard
                Set-UsageQuota api 6
            }
            finally { Set-UsageOption -TimeZone UTC }
            Get-Row 'limit_value, reset_period, enforcement_mode, time_zone' | Should -Be '6|daily|hard|Pacific/Kiritimati'
        }

        It 'makes a level of a limit on storage in GB, and a sum of one in GB-hours' {
            $quota = Set-UsageQuota storage 10 -PassThru
            "$($quota.Kind) $($quota.Unit)" | Should -Be 'Level GB'
            $quota = Set-UsageQuota storage 5000 -Unit gb-HOURS -CarryOver 50 -PassThru
            "$($quota.Kind) $($quota.Unit)" | Should -Be 'Sum GB-hours'
            $quota = Set-UsageQuota storage 10 -Unit GB -CarryOver 0 -PassThru
            "$($quota.Kind) $($quota.Unit)" | Should -Be 'Level GB'
            $quota = Set-UsageQuota bandwidth 10 -PassThru
            "$($quota.Kind) $($quota.Unit)" | Should -Be 'Sum GB'
            $quota = Set-UsageQuota compute 10 -PassThru
            "$($quota.Kind) $($quota.Unit)" | Should -Be 'Sum CPU-hours'
        }

        It 'needs a limit again after the quota was removed' {
            Set-UsageQuota api 100 -From 2026-01
            Remove-UsageQuota api
            { Set-UsageQuota api -Enforcement Hard } | Should -Throw -ErrorId 'InvalidQuota,*'
            (Set-UsageQuota api 5 -PassThru).Limit | Should -Be 5
        }
    }
}

Describe 'Set-UsageQuota' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Set-UsageQuota api 5 -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
