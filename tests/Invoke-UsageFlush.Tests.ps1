BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Invoke-UsageFlush to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $null = Invoke-UsageFlush }

        It 'returns when everything is in the store, and says how much that was' {
            $before = [int] (Invoke-Sql $store 'select count(*) from billing_usage_records')
            1..250 | ForEach-Object { @{ Service = 'api' } } | Add-UsageRecord
            $flush = Invoke-UsageFlush
            Invoke-Sql $store 'select count(*) from billing_usage_records' | Should -Be ($before + 250)
            $flush.Committed, $flush.Duplicates, $flush.Rejected, $flush.Remaining | Should -Be 250, 0, 0, 0
            $flush.Duration | Should -BeOfType timespan
            $flush.Duration | Should -BeGreaterThan ([timespan]::Zero)
        }

        It 'counts what was stored since the last flush, and each record once' {
            Add-UsageRecord api
            $null = Get-Usage # sends what waits
            (Invoke-UsageFlush).Committed | Should -Be 1
            $again = Invoke-UsageFlush
            $again.Committed, $again.Remaining | Should -Be 0, 0
        }

        It 'counts duplicates and rejected records apart' {
            @{ Service = 'api'; EventKey = 'once' } | Add-UsageRecord
            @{ Service = 'api'; EventKey = 'once' }, @{ Service = 'api'; EventKey = 'once'; Quantity = 2 }, @{ Service = 'api' } | Add-UsageRecord
            $flush = Invoke-UsageFlush -WarningAction SilentlyContinue -WarningVariable warning
            $flush.Committed, $flush.Duplicates, $flush.Rejected, $flush.Remaining | Should -Be 2, 1, 1, 0
            "$warning" | Should -BeLike '1 record rejected*'
            Invoke-Sql $store 'select error_id, quantity, event_key from usage_rejected_records' | Should -Be 'EventKeyConflict|2|once'
        }

        It 'takes a timeout by position, in seconds or as a time span: <Timeout>' -ForEach @(
            @{ Timeout = 5 }, @{ Timeout = 2.5 }, @{ Timeout = '00:00:05' }, @{ Timeout = [timespan]::FromSeconds(5) }
        ) {
            Add-UsageRecord api
            (Invoke-UsageFlush $Timeout).Committed | Should -Be 1
        }

        It 'stores 9,993 of 10,000 records of which 7 are bad, and sets the 7 aside with their reasons' {
            $address = Get-TestAddress $store
            Set-UsageCustomer acme
            # A service that is known when its records are added, and gone when they are stored.
            Invoke-Sql $store "insert into usage_services (service_name, unit, sort_order) values ('mail', 'messages', 7)"
            $env:USAGE_BATCH_SIZE = '1000000'
            $env:USAGE_BATCH_TIMEOUT = '3600'
            $env:USAGE_AUTO_CREATE_CUSTOMER = 'false'
            Connect-UsageStore @address -CustomerId acme
            try {
                1..10000 | ForEach-Object {
                    $record = @{ Service = 'api'; Quantity = $_ }
                    switch ($_) {
                        { $_ -in 1, 5000, 10000 } { $record.CustomerId = 'amce' }
                        { $_ -in 2, 3 } { $record.Service = 'mail' }
                        # The second and third contradict the first; 9000 is no worse for being one of them.
                        { $_ -in 9000, 9001, 9999 } { $record.EventKey = 'seven' }
                    }
                    $record
                } | Add-UsageRecord
                Invoke-Sql $store "delete from usage_services where service_name = 'mail'"

                $flush = Invoke-UsageFlush -WarningAction SilentlyContinue -WarningVariable warning
                $flush.Committed, $flush.Duplicates, $flush.Rejected, $flush.Remaining | Should -Be 9993, 0, 7, 0
                "$warning" | Should -BeLike '7 records rejected*Get-UsageRejectedRecord*'
                Invoke-Sql $store "select count(*), count(distinct quantity) from billing_usage_records where customer_id = 'acme'" | Should -Be '9993|9993'

                $rejected = Get-UsageRejectedRecord | Where-Object CustomerId -In acme, amce | Sort-Object { [int] $_.Quantity }
                [int[]] $rejected.Quantity | Should -Be 1, 2, 3, 5000, 9001, 9999, 10000
                $rejected.ErrorId | Should -Be UnknownCustomer, UnknownService, UnknownService, UnknownCustomer, EventKeyConflict, EventKeyConflict, UnknownCustomer
                $rejected.Reason | Should -Not -BeNullOrEmpty

                $rejected | ForEach-Object { $_.CustomerId = 'acme'; $_.Service = 'api'; $_.EventKey = $null; $_ } | Add-UsageRecord
                $flush = Invoke-UsageFlush
                $flush.Committed, $flush.Rejected | Should -Be 7, 0
                Invoke-Sql $store "select count(*), count(distinct quantity) from billing_usage_records where customer_id = 'acme'" | Should -Be '10000|10000'
            }
            finally {
                $env:USAGE_BATCH_SIZE = $env:USAGE_BATCH_TIMEOUT = $env:USAGE_AUTO_CREATE_CUSTOMER = $null
                Connect-UsageStore @address
            }
        }
    }
}

Describe 'Invoke-UsageFlush to a server that is away' {
    BeforeAll { Connect-UsageStore -HostName 127.0.0.1 -Port 1 -Database flush -ErrorAction SilentlyContinue }
    AfterAll {
        $null = Clear-UsageQueue -Discard -Confirm:$false
        Disconnect-UsageStore
    }

    It 'writes the error FlushIncomplete after its timeout, and what remains' {
        1..3 | ForEach-Object { Add-UsageRecord api }
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $flush = Invoke-UsageFlush -Timeout 1 -ErrorAction SilentlyContinue -ErrorVariable problem
        $watch.Elapsed.TotalSeconds | Should -BeGreaterThan 0.9
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 5

        $flush.Committed, $flush.Remaining | Should -Be 0, 3
        $problem | Should -HaveCount 1
        $problem.FullyQualifiedErrorId | Should -BeLike 'FlushIncomplete,*'
        $problem.CategoryInfo.Category | Should -Be LimitsExceeded
        "$problem" | Should -BeLike '*3 records*127.0.0.1:1*'
    }

    It 'refuses a timeout that is none' {
        { Invoke-UsageFlush -Timeout soon } | Should -Throw -ExpectedMessage '*soon*'
    }
}
