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

        if ($kind.Kind -eq 'Sqlite' -and -not $IsWindows) {
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
