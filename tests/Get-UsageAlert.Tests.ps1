BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1

    # Moves the alerts of a service back in time.
    function Move-Alert([string] $Service, [datetimeoffset] $Time, [string] $Id = $customer) {
        Invoke-Sql $store "update usage_alerts set raised_at = '$(ConvertTo-SqlTime $store $Time)' where customer_id = '$Id' and service_name = '$Service'"
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageAlert on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:start = Get-Day -15
            $script:anchor = @{ AnchorDay = $start.Day }

            $script:customer = Connect-NewCustomer $address
            $used = [ordered]@{ api = 78000; bandwidth = 105; compute = 9.51; functions = 80 }
            $limit = @{ api = 100000; bandwidth = 100; compute = 10; functions = 100 }
            foreach ($service in $used.Keys) {
                Set-UsageQuota $service $limit[$service] @anchor
                Add-UsageRecord $service $used[$service]
            }
            Set-UsageQuota api 10 @anchor -CustomerId "$customer-2"
            Add-UsageRecord api 20 -CustomerId "$customer-2"
            $script:before = [datetimeoffset]::UtcNow
            $script:raised = @(Invoke-UsageAlertCheck -CustomerId "$customer*")
            $script:after = [datetimeoffset]::UtcNow
            $raised.Count | Should -Be 5
        }
        AfterAll { Remove-TestStore $store }
        AfterEach { 'api', 'bandwidth', 'compute', 'functions' | ForEach-Object { Move-Alert $_ $after } }

        It 'has these properties' {
            (Get-UsageAlert)[0].psobject.Properties.Name | Should -Be @(
                'Time', 'CustomerId', 'Service', 'Level', 'Usage', 'Limit', 'Percent', 'Unit', 'Message', 'Rule', 'PeriodStart', 'PeriodEnd', 'DeliveredAt')
        }

        It 'has what was true when the alert was raised' {
            Add-UsageRecord compute 0.001
            $alert = Get-UsageAlert -Service compute
            $alert.CustomerId, $alert.Service, $alert.Usage, $alert.Limit, $alert.Percent, $alert.Unit | Should -Be $customer, compute, 9.51, 10, 95.1, CPU-hours
            "$($alert.Level) $($alert.Rule)" | Should -Be 'Critical Threshold'
            $alert.Message | Should -Be 'CRITICAL: compute usage at 95% - 9.51/10'
            $alert.PeriodStart | Should -Be $start
            $alert.PeriodEnd | Should -BeGreaterThan ([datetimeoffset]::UtcNow)
            $alert.DeliveredAt | Should -BeGreaterOrEqual $before.AddMilliseconds(-1)
            $alert.DeliveredAt | Should -BeLessOrEqual $after
        }

        It 'lists the newest first' {
            Move-Alert api $after.AddSeconds(-40)
            Move-Alert functions $after.AddSeconds(-30)
            Move-Alert bandwidth $after.AddSeconds(-20)
            (Get-UsageAlert).Service | Should -Be compute, bandwidth, functions, api
        }

        It 'covers 7 complete days and today by default, or -Days' {
            Move-Alert api (Get-Day -7)
            Move-Alert bandwidth (Get-Day -7).AddTicks(-10)
            Move-Alert compute (Get-Day -30)
            (Get-UsageAlert).Service | Should -Be functions, api
            (Get-UsageAlert 8).Service | Should -Be functions, api, bandwidth
            (Get-UsageAlert -Days 29).Service | Should -Be functions, api, bandwidth
            (Get-UsageAlert 30).Service | Should -Be functions, api, bandwidth, compute
            (Get-UsageAlert 0).Service | Should -Be functions
        }

        It 'cuts days by -TimeZone' {
            $there = [System.TimeZoneInfo]::ConvertTimeBySystemTimeZoneId([datetimeoffset]::UtcNow, 'Pacific/Kiritimati')
            $midnight = [datetimeoffset]::new($there.Date, $there.Offset)
            Move-Alert api $midnight
            Move-Alert bandwidth $midnight.AddTicks(-10)
            $found = (Get-UsageAlert 0 -TimeZone Pacific/Kiritimati).Service
            $found | Should -Contain api
            $found | Should -Not -Contain bandwidth
            { Get-UsageAlert -TimeZone Mars/Olympus } | Should -Throw -ErrorId 'InvalidTimeZone,*'
        }

        It 'selects by level, by position too' {
            (Get-UsageAlert -Level Exceeded).Service | Should -Be bandwidth
            (Get-UsageAlert 7 warning).Service | Sort-Object | Should -Be api, functions
            (Get-UsageAlert 7 Exceeded, Critical).Service | Sort-Object | Should -Be bandwidth, compute
            { Get-UsageAlert -Level Serious } | Should -Throw '*Warning*Critical*Exceeded*'
        }

        It 'selects by service and customer, by name or wildcard' {
            (Get-UsageAlert -Service a*, Compute).Service | Sort-Object | Should -Be api, compute
            (Get-UsageAlert 7 Warning api).Service | Should -Be api
            Get-UsageAlert -CustomerId "$customer*" -Service api | ForEach-Object CustomerId | Sort-Object | Should -Be $customer, "$customer-2"
            Get-UsageAlert -CustomerId nothing* | Should -BeNullOrEmpty
            { Get-UsageAlert -Service nosuch } | Should -Throw -ErrorId 'UnknownService,*'
            { Get-UsageAlert -CustomerId nobody } | Should -Throw -ErrorId 'CustomerNotFound,*'
            ([pscustomobject]@{ Service = 'bandwidth'; CustomerId = $customer } | Get-UsageAlert).Service | Should -Be bandwidth
        }

        It 'does not list a lower level that was covered' {
            Invoke-Sql $store "select count(*) from usage_alerts where customer_id = '$customer' and service_name = 'bandwidth'" | Should -Be 3
            @(Get-UsageAlert -Service bandwidth).Count | Should -Be 1
        }

        It 'shows the times of the quota''s zone' {
            Set-UsageQuota database 1 -CustomerId "$customer-3" -TimeZone Asia/Tokyo @anchor
            Add-UsageRecord database -CustomerId "$customer-3"
            $null = Invoke-UsageAlertCheck -CustomerId "$customer-3"
            $alert = Get-UsageAlert -CustomerId "$customer-3"
            $alert.Time.Offset, $alert.PeriodStart.Offset, $alert.DeliveredAt.Offset | Should -Be ([timespan] '9:00', [timespan] '9:00', [timespan] '9:00')
        }

        It 'prints the lines of nself''s log' {
            foreach ($service in 'api', 'bandwidth', 'compute') { Move-Alert $service $after.AddSeconds(-1) }
            $time = $after.AddSeconds(-1).ToString('yyyy-MM-dd HH:mm:ss', [cultureinfo]::InvariantCulture)
            $text = (Get-UsageAlert -Service api, bandwidth, compute | Out-String -Width 100) -replace '\x1b\[[0-9;]*m' -split '\r?\n' | Where-Object { $_ }
            $text | Should -Contain "   Alerts of: $customer"
            $text | Should -Contain "[$time] warning ALERT for api: 78000/100000 (78%)"
            $text | Should -Contain "[$time] exceeded ALERT for bandwidth: 105/100 (105%)"
            $text | Should -Contain "[$time] critical ALERT for compute: 9.51/10 (95%)"
        }
    }
}

Describe 'Get-UsageAlert' {
    AfterAll { Disconnect-UsageStore }

    It 'ends the call where the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Get-UsageAlert -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
