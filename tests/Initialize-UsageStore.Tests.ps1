BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1

    $script:tables = 'billing_customers', 'billing_plans', 'billing_subscriptions', 'billing_quotas', 'billing_usage_records'

    function Get-TableName($Store) {
        Invoke-Sql $Store ($Store.Path ? "select name from sqlite_master where type = 'table'" : "select relname from pg_class where relkind in ('r', 'p')")
    }
}

foreach ($kind in Get-TestStore) {
    Describe "Initialize-UsageStore on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind -Empty
            # Connect-UsageStore would make the file.
            $env:USAGE_STORE = $store.Path ?? $store.ConnectionString
        }
        AfterAll {
            $env:USAGE_STORE = $null
            Remove-TestStore $store
        }

        It 'lists its steps with -WhatIf and changes nothing' {
            $text = Get-HostText { Initialize-UsageStore -WhatIf }
            foreach ($table in $tables) { $text | Should -BeLike "*$table*" }

            (Get-UsageStore).IsInitialized | Should -BeFalse
            if ($store.Path) { Test-Path $store.Path | Should -BeFalse } else { Get-TableName $store | Should -Not -Contain billing_usage_records }
        }

        It 'makes the tables, and writes nothing' {
            Initialize-UsageStore | Should -BeNullOrEmpty
            $made = Get-TableName $store
            foreach ($table in $tables) { $made | Should -Contain $table }
            (Get-UsageStore).IsInitialized | Should -BeTrue
        }

        It 'starts with the six services at their prices' {
            Get-UsageService | ForEach-Object { "$($_.Service) $($_.Unit) $($_.UnitCost)" } | Should -Be @(
                'api requests 0.0001', 'storage GB-hours 0.001', 'bandwidth GB 0.01'
                'compute CPU-hours 0.05', 'database queries 0.00001', 'functions invocations 0.0002'
            )
        }

        It 'changes nothing the second time' {
            Add-UsageRecord api 5
            $null = Invoke-UsageFlush
            $before = Get-UsageStore

            $said = Initialize-UsageStore -Verbose 4>&1
            $said | Should -BeNullOrEmpty
            $after = Initialize-UsageStore -PassThru
            $after.StoreId | Should -Be $before.StoreId
            (Get-Usage api).Quantity | Should -Be 5
            Get-HostText { Initialize-UsageStore -WhatIf } | Should -Not -BeLike '*What if*'
        }

        It 'leaves a store of a newer version alone' {
            $version = (Get-UsageStore).SchemaVersion
            Invoke-Sql $store "update usage_settings set value = '999' where name = 'schema_version'"
            try { { Initialize-UsageStore } | Should -Throw -ErrorId 'StoreTooNew,*' }
            finally { Invoke-Sql $store "update usage_settings set value = '$version' where name = 'schema_version'" }
        }

        if ($Kind -eq 'Sqlite') {
            It 'does not partition a file' {
                { Initialize-UsageStore -Partition -WhatIf } | Should -Throw -ErrorId 'LayoutNotSupported,*' -ExpectedMessage '*PostgreSQL*'
            }
        }
        else {
            It 'has partitions already, also of the next two months' {
                Get-HostText { Initialize-UsageStore -Partition -WhatIf } | Should -Not -BeLike '*What if*'
                $first = [datetime]::UtcNow.AddDays(1 - [datetime]::UtcNow.Day)
                foreach ($ahead in 0..2) { Get-TableName $store | Should -Contain "billing_usage_records_$($first.AddMonths($ahead).ToString('yyyy_MM'))" }
            }
        }

        if ($Kind -eq 'Sqlite' -and -not $IsWindows) {
            It 'makes files that only their owner can read' {
                (Get-ChildItem (Split-Path $store.Path)).UnixMode | Should -BeLike '-rw-------'
            }
        }
    }
}

Describe 'A PostgreSQL database before Initialize-UsageStore' -Skip:(-not $env:USAGE_TEST_POSTGRES) {
    BeforeAll {
        $script:store = New-TestStore -Kind PostgreSql -Empty
        Connect-UsageStore -ConnectionString $store.ConnectionString -WarningAction SilentlyContinue
    }
    AfterAll { Remove-TestStore $store }

    It 'makes <_> say so' -ForEach 'Get-Usage', 'Get-UsageRecord', 'Measure-Usage', 'Get-UsageService', 'Get-UsageCustomer', 'Update-UsageSummary' {
        { & $_ } | Should -Throw -ErrorId 'StoreNotInitialized,*' -ExpectedMessage '*Initialize-UsageStore*'
    }

    It 'takes records without a word and keeps them until there are tables' {
        1..3 | ForEach-Object { @{ Service = 'api'; Quantity = $_ } } | Add-UsageRecord -WarningAction SilentlyContinue | Should -BeNullOrEmpty

        $flush = Invoke-UsageFlush -Timeout 5 -ErrorAction SilentlyContinue -ErrorVariable problem -WarningAction SilentlyContinue
        $flush.Committed, $flush.Remaining | Should -Be 0, 3
        $problem.FullyQualifiedErrorId | Should -BeLike 'FlushIncomplete,*'
        "$problem" | Should -BeLike '*Initialize-UsageStore*'

        Initialize-UsageStore
        (Invoke-UsageFlush).Remaining | Should -Be 0
        Invoke-Psql $store 'select count(*), sum(quantity) from billing_usage_records' | Should -Be '3|6'
    }
}

Describe 'Initialize-UsageStore on an nself database' -Skip:(-not $env:USAGE_TEST_POSTGRES) {
    BeforeAll {
        function Read-Sql([string[]] $Name) { ($Name | ForEach-Object { Get-Content "$PSScriptRoot/nself/$_.sql" -Raw }) -join "`n" }

        $script:store = New-TestStore -Kind PostgreSql -Empty
        $null = Invoke-Psql $store (Read-Sql tables, some-usage)
        Connect-UsageStore -ConnectionString $store.ConnectionString -CustomerId acme -WarningAction SilentlyContinue
    }
    AfterAll { Remove-TestStore $store }

    It 'lists its steps with -WhatIf and changes nothing' {
        $text = Get-HostText { Initialize-UsageStore -WhatIf }
        foreach ($step in 'keep quantity and unit_cost exactly', 'put back the views', 'count the usage that is there', 'refresh_billing_usage_summary') {
            $text | Should -BeLike "*$step*"
        }
        $text | Should -Not -BeLike '*create billing_usage_records*'
        Invoke-Psql $store "select to_regclass('usage_settings') is null and count(*) = 25 from billing_usage_records where not aggregated" | Should -Be t
    }

    It 'takes over what is there, and has it in its reports' {
        Initialize-UsageStore | Should -BeNullOrEmpty
        $usage = Get-Usage api
        $usage.Quantity, $usage.Cost, $usage.Events | Should -Be 276, 2.76, 23
        (Get-Usage storage -CustomerId globex -Start 2024-02-29 -End 2024-02-29).Quantity | Should -Be 0.000001
        $bananas = Get-Usage bananas -CustomerId Zeta -Start 2025
        $bananas.Quantity, $bananas.Unit | Should -Be 5, units
        @(Get-UsageRecord -CustomerId * -Start 2000).Count | Should -Be 25
        (Get-UsageQuota api).Limit, (Get-UsageQuota api).Used | Should -Be 10000, 276
        Compare-Usage -CustomerId * | Should -BeNullOrEmpty
    }

    It 'changes nothing the second time' {
        $before = Invoke-Psql $store 'select md5(string_agg(r::text, chr(10) order by usage_id)) from billing_usage_records r'
        Get-HostText { Initialize-UsageStore -WhatIf } | Should -Not -BeLike '*What if*'
        Initialize-UsageStore
        Invoke-Psql $store 'select md5(string_agg(r::text, chr(10) order by usage_id)) from billing_usage_records r' | Should -Be $before
    }

    It 'lists with -Partition what it would copy, and changes nothing with -WhatIf' {
        $text = Get-HostText { Initialize-UsageStore -Partition -WhatIf }
        $text | Should -BeLike "*copy 25 rows of 3 months (2024-02 to $([datetime]::UtcNow.ToString('yyyy-MM'))) to it while others write*"
        $text | Should -BeLike '*put it in the place of billing_usage_records*'
        $text | Should -Not -BeLike '*without a time*'
        Invoke-Psql $store "select relkind, to_regclass('billing_usage_records_partitioned') is null from pg_class where oid = 'billing_usage_records'::regclass" | Should -Be 'r|t'
    }

    It 'says in Test-UsageHealth that partitioning was broken off, and the Fix goes on with it' {
        # What is left where the session is killed: the mark that it was begun, and a table that is altered since.
        $null = Invoke-Psql $store "insert into usage_settings (name, value) values ('partition.state', 'copying'), ('partition.shape', 'another')"
        $bad = Test-UsageHealth | Where-Object { -not $_.Ok -and $_.Check -eq 'Partitions' }
        $bad.Fix | Should -Be 'Initialize-UsageStore -Partition'
        $bad.Found | Should -BeLike '*broken off*'
    }

    It 'partitions with -Partition, once, and every report is as before' {
        $sql = 'select md5(string_agg(r::text, chr(10) order by usage_id)) from billing_usage_records r'
        $before = Invoke-Psql $store $sql
        Initialize-UsageStore -Partition | Should -BeNullOrEmpty
        Invoke-Psql $store $sql | Should -Be $before
        Invoke-Psql $store "select relkind from pg_class where oid = 'billing_usage_records'::regclass" | Should -Be p
        (Get-Usage api).Quantity | Should -Be 276
        @(Get-UsageRecord -CustomerId * -Start 2000).Count | Should -Be 25
        Compare-Usage -CustomerId * | Should -BeNullOrEmpty
        (Test-UsageHealth | Where-Object Check -EQ Partitions).Ok | Should -BeTrue
        Get-HostText { Initialize-UsageStore -Partition -WhatIf } | Should -Not -BeLike '*What if*'
    }

    It 'creates no customer for a typo' {
        (Get-UsageOption).AutoCreateCustomer | Should -BeFalse
        Add-UsageRecord api 1 -CustomerId acmee
        Add-UsageRecord api 0.000000000000000001
        $flush = Invoke-UsageFlush -WarningAction SilentlyContinue
        $flush.Committed, $flush.Rejected | Should -Be 1, 1
        (Get-UsageRejectedRecord).ErrorId | Should -Be UnknownCustomer
        (Get-UsageCustomer).CustomerId | Should -Be Zeta, acme, globex
        Invoke-Psql $store "select current_usage from get_quota_usage('acme', 'api')" | Should -Be 276.000000000000000001
    }

    It 'finds the customer whose project it is, as nself does' {
        Connect-UsageStore -ConnectionString $store.ConnectionString
        Push-Location (New-Item -ItemType Directory -Path (Join-Path $env:USAGE_TEST_DATA "$($store.Name)_project"))
        try {
            (Get-UsageStore).CustomerId | Should -Be default
            Set-Content .env 'PROJECT_NAME="rocket"'
            (Get-UsageStore).CustomerId | Should -Be acme
            (Get-Usage api).CustomerId | Should -Be acme
            Add-Content .env 'NSELF_CUSTOMER_ID=globex'
            (Get-UsageStore).CustomerId | Should -Be globex
            $env:NSELF_CUSTOMER_ID = 'Zeta'
            (Get-UsageStore).CustomerId | Should -Be Zeta
        }
        finally {
            $env:NSELF_CUSTOMER_ID = $null
            Pop-Location
        }
    }

    It 'says what a table lacks that is not nself''s' {
        $other = New-TestStore -Kind PostgreSql -Empty
        try {
            $null = Invoke-Psql $other 'create table billing_usage_records (usage_id bigint)'
            Connect-UsageStore -ConnectionString $other.ConnectionString -WarningAction SilentlyContinue
            { Initialize-UsageStore } | Should -Throw -ErrorId 'ForeignSchema,*' -ExpectedMessage '*billing_usage_records.quantity*'
        }
        finally { Remove-TestStore $other }
    }
}

Describe 'An nself database with row-level security' -Skip:(-not $env:USAGE_TEST_POSTGRES) {
    BeforeAll {
        function Read-Sql([string[]] $Name) { ($Name | ForEach-Object { Get-Content "$PSScriptRoot/nself/$_.sql" -Raw }) -join "`n" }

        $script:store = New-TestStore -Kind PostgreSql -Empty
        $script:role = $store.Name
        $null = Invoke-Psql $store (Read-Sql tables, some-usage, policies)
        $null = Invoke-Psql $store @"
            create role $role login; grant select, insert, update on all tables in schema public to $role;
            grant usage on all sequences in schema public to $role
"@
        Connect-UsageStore -ConnectionString $store.ConnectionString -WarningAction SilentlyContinue
        Initialize-UsageStore
        $asRole = [System.Data.Common.DbConnectionStringBuilder]@{ ConnectionString = $store.ConnectionString }
        $asRole['Username'] = $role
        Connect-UsageStore -ConnectionString $asRole.ConnectionString -CustomerId acme
        $script:all = @{ Start = '2000'; End = (Get-Date).AddDays(1) }
    }
    AfterAll {
        Disconnect-UsageStore
        $null = Invoke-Psql $store "drop owned by $role; drop role $role"
        Remove-TestStore $store
    }

    It 'takes what its customer used' {
        Add-UsageRecord api 24 @{ endpoint = '/b' } -UnitCost 0.01
        1..3 | ForEach-Object { @{ Service = 'storage'; Quantity = $_; EventKey = "k$_" } } | Add-UsageRecord
        $flush = Invoke-UsageFlush
        $flush.Committed, $flush.Rejected, $flush.Remaining | Should -Be 4, 0, 0
        Invoke-Psql $store "select customer_id, count(*), trim_scale(sum(quantity)) from billing_usage_records where service_name in ('api', 'storage') and recorded_at > '2026-01-01' group by 1" | Should -Be 'acme|27|306'
    }

    It 'shows it in <Name> and nobody else''s' -ForEach @(
        @{ Name = 'Get-Usage'; Command = { (Get-Usage api @all).Quantity }; Expected = 300 }
        @{ Name = 'Get-UsageRecord'; Command = { @(Get-UsageRecord @all).Count }; Expected = 27 }
        @{ Name = 'Measure-Usage'; Command = { (Measure-Usage -Period Monthly -Service api @all).TotalQuantity }; Expected = 300 }
        @{ Name = 'Measure-Usage -GroupBy'; Command = { (Measure-Usage -Period Monthly -Service api @all -GroupBy endpoint | Measure-Object TotalQuantity -Sum).Sum }; Expected = 300 }
        @{ Name = 'Get-UsageStatistic'; Command = { (Get-UsageStatistic api -Days 40).MaximumQuantity }; Expected = 24 }
        @{ Name = 'Get-UsagePeak'; Command = { (Get-UsagePeak api Monthly @all).TotalUsage }; Expected = 300 }
        @{ Name = 'Get-UsageTrend'; Command = { (Get-UsageTrend api -Days 40 | Measure-Object DailyTotal -Sum).Sum }; Expected = 300 }
        @{ Name = 'Get-UsageQuota'; Command = { (Get-UsageQuota api).Used }; Expected = 300 }
        @{ Name = 'Test-UsageQuota'; Command = { Test-UsageQuota api 9701 -WarningAction SilentlyContinue }; Expected = $false }
        @{ Name = 'Export-Usage'; Command = { (Get-Content (Export-Usage (Join-Path $env:USAGE_TEST_DATA "$role.csv") @all)).Count }; Expected = 28 }
    ) {
        & $Command | Should -Be $Expected
    }

    It 'shows what it costs, and its invoices' {
        # What was adopted has a price, which it keeps.
        (Get-UsageCost api @all | Measure-Object Amount -Sum).Sum | Should -Be 3
        $null = Invoke-Psql $store "insert into usage_invoices (invoice_number, customer_id, range_start, range_end, time_zone)
            values (1, 'globex', '2020-01-01', '2020-02-01', 'UTC'), (2, 'acme', '2020-01-01', '2020-02-01', 'UTC')"
        (Get-UsageInvoice).InvoiceId | Should -Be usage-2
        (Get-UsageInvoice -CustomerId acme).InvoiceId | Should -Be usage-2
        { Get-UsageCost -Save -ErrorAction Stop } | Should -Throw -ErrorId 'RecordsHidden,*'
    }

    It 'raises its alerts once' {
        Add-UsageRecord api 9000
        $null = Invoke-UsageFlush
        (Invoke-UsageAlertCheck api).Level | Should -Be Critical
        Invoke-UsageAlertCheck api | Should -BeNullOrEmpty
        (Get-UsageAlert).Level | Should -Be Critical
        Invoke-Psql $store "select count(distinct customer_id) from usage_alerts" | Should -Be 1
    }

    It 'keeps its meters' {
        Add-UsageReading bandwidth -Total 5
        Add-UsageReading bandwidth -Total 7 -Timestamp (Get-Date).AddSeconds(1)
        (Get-Usage bandwidth -End (Get-Date).AddDays(1)).Quantity | Should -Be 2
        @(Get-UsageReading bandwidth).Count | Should -Be 2
    }

    It 'knows no other customer, and does not raise its own quota' {
        { Get-Usage api -CustomerId globex -ErrorAction Stop } | Should -Throw -ErrorId 'CustomerNotFound,*'
        (Get-UsageCustomer).CustomerId | Should -Be acme
        { Set-UsageQuota api 99999 -ErrorAction Stop } | Should -Throw
        (Get-UsageQuota api).Limit | Should -Be 10000
        { Compare-Usage } | Should -Throw -ErrorId 'RecordsHidden,*'
    }
}
