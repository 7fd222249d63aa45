BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageRejectedRecord from $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            Set-UsageCustomer acme
            # A service that is known when its records are added, and gone when they are stored.
            Invoke-Sql $store "insert into usage_services (service_name, unit, sort_order) values ('mail', 'messages', 7)"
            $env:USAGE_BATCH_SIZE = '1000000'
            $env:USAGE_BATCH_TIMEOUT = '3600'
            $env:USAGE_AUTO_CREATE_CUSTOMER = 'false'
            Connect-UsageStore @address -CustomerId acme
            Add-UsageRecord api 7 -EventKey used
            Add-UsageRecord mail 2.5 @{ to = 'bob' } -Timestamp 2026-01-15T10:00:00Z -UnitCost 0.25 -EventKey k1
            Add-UsageRecord api 3 -CustomerId amce -Timestamp 2026-01-16T10:00:00Z
            Add-UsageBandwidth 500MB -CustomerId amce -Timestamp 2026-01-17T10:00:00Z
            Add-UsageRecord api 8 -EventKey used
            Invoke-Sql $store "delete from usage_services where service_name = 'mail'"
            $script:flush = Invoke-UsageFlush -WarningAction SilentlyContinue
            function Get-Stored([string] $Columns) {
                $null = Invoke-UsageFlush
                Invoke-Sql $store "select $Columns from billing_usage_records where customer_id = 'acme' order by usage_id"
            }
        }
        AfterAll {
            $env:USAGE_BATCH_SIZE = $env:USAGE_BATCH_TIMEOUT = $env:USAGE_AUTO_CREATE_CUSTOMER = $null
            Remove-TestStore $store
        }

        It 'lists what was set aside, newest first, with the reasons' {
            $flush.Committed, $flush.Rejected | Should -Be 1, 4
            $rejected = Get-UsageRejectedRecord
            $rejected.ErrorId | Should -Be EventKeyConflict, UnknownCustomer, UnknownCustomer, UnknownService
            $rejected[0].Reason | Should -BeLike "*event key 'used'*other content*"
            $rejected[1].Reason | Should -BeLike "*no customer 'amce'*Set-UsageCustomer*AutoCreateCustomer*"
            $rejected[3].Reason | Should -BeLike "*'mail'*"
        }

        It 'shows all that was added, and where from' {
            $mail = Get-UsageRejectedRecord mail
            $mail | Should -HaveCount 1
            $mail.CustomerId, $mail.Service, $mail.Quantity, $mail.UnitCost, $mail.EventKey | Should -Be 'acme', 'mail', 2.5, 0.25, 'k1'
            $mail.Timestamp.ToString('u'), "$($mail.Metadata)", $mail.Metadata.to | Should -Be '2026-01-15 10:00:00Z', '{"to":"bob"}', 'bob'
            $mail.Id, $mail.Position | Should -Be (Invoke-Sql $store "select rejected_id from usage_rejected_records where service_name = 'mail'"), 2
            "$($mail.SpoolId)" | Should -BeIn (Invoke-Sql $store 'select spool_id from usage_spools')
            ([datetimeoffset]::UtcNow - $mail.RejectedAt).Duration().TotalMinutes | Should -BeLessThan 2
        }

        It 'takes services and customers, with wildcards, also those that the store does not have' {
            (Get-UsageRejectedRecord API).Quantity | Should -Be 8, 3
            (Get-UsageRejectedRecord m*, band*).Service | Should -Be bandwidth, mail
            (Get-UsageRejectedRecord -CustomerId amce).Service | Should -Be bandwidth, api
            (Get-UsageRejectedRecord api -CustomerId a*e).Quantity | Should -Be 8, 3
            Get-UsageRejectedRecord nosuch | Should -BeNullOrEmpty
        }

        It 'gives the newest with -First, and times in the zone of -TimeZone' {
            (Get-UsageRejectedRecord -First 2).ErrorId | Should -Be EventKeyConflict, UnknownCustomer
            (Get-UsageRejectedRecord mail -TimeZone Asia/Tokyo).Timestamp.ToString('o') | Should -Be '2026-01-15T19:00:00.0000000+09:00'
            { Get-UsageRejectedRecord -First 0 } | Should -Throw
        }

        It 'shows the same to another session' {
            $there = Invoke-OtherPwsh -ArgumentList $address {
                param($address)
                Connect-UsageStore @address
                Get-UsageRejectedRecord
            }
            $there.Id | Should -Be (Get-UsageRejectedRecord).Id
        }

        It 'has its records piped into Add-UsageRecord again, mended' {
            $mended = Get-UsageRejectedRecord -CustomerId amce
            $mended | ForEach-Object { $_.CustomerId = 'acme'; $_ } | Add-UsageRecord
            $flush = Invoke-UsageFlush
            $flush.Committed, $flush.Rejected | Should -Be 2, 0
            $stored = Get-UsageRecord -CustomerId acme -Start 2026-01-16 -End 2026-01-17
            $stored.Service | Should -Be bandwidth, api
            # 500 MB of 1,024 to the GB; the quantity was kept in bytes.
            $stored.Quantity | Should -Be 0.48828125, 3
            $stored.Timestamp.ForEach('ToString', 'u') | Should -Be '2026-01-17 10:00:00Z', '2026-01-16 10:00:00Z'
            $stored[0].Metadata.bytes | Should -Be 524288000
        }

        It 'lets every part be mended' {
            $mail = Get-UsageRejectedRecord mail
            $mail.Service = 'api'
            $mail.Quantity = '4.5'
            $mail.Metadata = @{ to = 'alice' }
            $mail.Timestamp = '2026-01-20 12:00'
            $mail.UnitCost = $null
            $mail.EventKey = 'k2'
            $mail | Add-UsageRecord
            Get-Stored 'service_name, quantity, unit_cost, event_key' | Should -Contain 'api|4.5|0.0001|k2'
            $stored = Get-UsageRecord -CustomerId acme -Start 2026-01-20 -End 2026-01-20
            "$($stored.Metadata)", $stored.Timestamp.ToString('u') | Should -Be '{"to":"alice"}', '2026-01-20 12:00:00Z'
        }

        It 'sets aside again what is not mended' {
            $before = @(Get-UsageRejectedRecord).Count
            Get-UsageRejectedRecord | Where-Object ErrorId -EQ EventKeyConflict | Add-UsageRecord
            $flush = Invoke-UsageFlush -WarningAction SilentlyContinue
            $flush.Committed, $flush.Rejected | Should -Be 0, 1
            @(Get-UsageRejectedRecord).Count | Should -Be ($before + 1)
        }

        It 'includes what this session has just added' {
            Add-UsageRecord api 9 -CustomerId nobody
            (Get-UsageRejectedRecord -CustomerId nobody -WarningAction SilentlyContinue).Quantity | Should -Be 9
        }
    }
}

Describe 'Get-UsageRejectedRecord' {
    AfterEach { Disconnect-UsageStore }

    It 'writes nothing where nothing was set aside' {
        Connect-UsageStore (Join-Path $TestDrive usage.db)
        Get-UsageRejectedRecord | Should -BeNullOrEmpty
    }

    It 'says that the store is away' {
        Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database away -ErrorAction SilentlyContinue
        { Get-UsageRejectedRecord } | Should -Throw -ErrorId 'StoreUnavailable,*'
    }
}
