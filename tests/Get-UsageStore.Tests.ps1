BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageStore of $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }

        It 'describes the connected store' {
            $info = Get-UsageStore
            $info.Kind | Should -Be $Kind
            $info.CustomerId, $info.TimeZone | Should -Be 'default', 'UTC'
            $info.IsReachable, $info.IsInitialized | Should -Be $true, $true
            $info.BytesPerGB | Should -Be 1073741824
            $info.Error | Should -BeNullOrEmpty
            "$($info.StoreId)" | Should -Be (Invoke-Sql $store "select value from usage_settings where name = 'store_id'")
            $info.SchemaVersion | Should -Be (Invoke-Sql $store "select value from usage_settings where name = 'schema_version'")
        }

        It 'counts the records that wait' {
            Add-UsageRecord api
            (Get-UsageStore).Pending | Should -Be 1
            $null = Invoke-UsageFlush
            (Get-UsageStore).Pending | Should -Be 0
        }

        It 'has no property for user or password' {
            (Get-UsageStore).PSObject.Properties.Name | Should -Not -Match 'user|password|credential|connectionstring'
        }
    }
}

Describe 'Get-UsageStore where nothing is connected' {
    AfterEach {
        $env:USAGE_STORE = $null
        Remove-Item Env:BILLING_DB_*
    }

    It 'takes a file from $env:USAGE_STORE, without making it' {
        $env:USAGE_STORE = Join-Path $TestDrive 'named.db'
        $info = Get-UsageStore
        $info.Kind, $info.Path, $info.Source | Should -Be 'Sqlite', $env:USAGE_STORE, 'environment variable USAGE_STORE'
        $info.IsInitialized | Should -BeFalse
        Test-Path $env:USAGE_STORE | Should -BeFalse
    }

    It 'takes a server from $env:USAGE_STORE: <_>' -ForEach @(
        'Host=127.0.0.1;Port=1;Database=usage;Username=bob;Password=hunter2'
        'server=127.0.0.1; port=1; database=usage; user id=bob; password=hunter2'
        'postgresql://bob:hunter2@127.0.0.1:1/usage'
        'postgres://bob:hunter2@127.0.0.1:1/usage?sslmode=require'
    ) {
        $env:USAGE_STORE = $_
        $info = Get-UsageStore
        $info.Kind, $info.Store, $info.HostName, $info.Port, $info.Database |
            Should -Be 'PostgreSql', 'postgresql://127.0.0.1:1/usage', '127.0.0.1', 1, 'usage'
        $info.IsReachable | Should -BeFalse
        $info.Error | Should -Not -BeNullOrEmpty
        ($info | Format-List * -Force | Out-String) | Should -Not -Match 'hunter2|bob'
    }

    It 'takes a connection string that names no host for a mistake, not for a file' {
        $env:USAGE_STORE = 'Database=usage;Username=bob;Password=hunter2'
        { Get-UsageStore } | Should -Throw -ErrorId 'InvalidConnectionString,*'
    }

    It 'takes nself''s variables where BILLING_DB_HOST is set' {
        $env:BILLING_DB_HOST = '127.0.0.1'
        $env:BILLING_DB_PORT = '1'
        $env:BILLING_DB_NAME = 'billing'
        $env:BILLING_DB_USER = 'bob'
        $env:BILLING_DB_PASSWORD = 'hunter2'
        $info = Get-UsageStore
        $info.Store | Should -Be 'postgresql://127.0.0.1:1/billing'
        $info.Source | Should -Be 'environment variables BILLING_DB_*'
        ($info | Format-List * -Force | Out-String) | Should -Not -Match 'hunter2|bob'

        $env:BILLING_DB_PORT = '70000'
        { Get-UsageStore } | Should -Throw -ErrorId 'InvalidConnectionString,*' -ExpectedMessage '*70000*'
    }

    It 'prefers $env:USAGE_STORE to nself''s variables, and nself''s to the default' {
        $env:BILLING_DB_HOST = '127.0.0.1'
        $env:BILLING_DB_PORT = '1'
        (Get-UsageStore).Database | Should -Be 'nself'
        $env:USAGE_STORE = Join-Path $TestDrive 'first.db'
        (Get-UsageStore).Path | Should -Be $env:USAGE_STORE
    }

    It 'is the user''s own file otherwise' {
        $info = Get-UsageStore
        $info.Source | Should -Be 'default'
        $info.Path | Should -Be ([System.IO.Path]::Combine([Environment]::GetFolderPath('LocalApplicationData'), 'UsageTracking', 'usage.db'))
    }

    It 'asks the environment again when it changes, but not while a store is connected' {
        $env:USAGE_STORE = Join-Path $TestDrive 'one.db'
        (Get-UsageStore).Path | Should -BeLike '*one.db'
        $env:USAGE_STORE = Join-Path $TestDrive 'two.db'
        (Get-UsageStore).Path | Should -BeLike '*two.db'

        Connect-UsageStore (Join-Path $TestDrive 'connected.db')
        $env:USAGE_STORE = Join-Path $TestDrive 'three.db'
        (Get-UsageStore).Path | Should -BeLike '*connected.db'
        Disconnect-UsageStore
    }

    It 'works with a server named by the environment' -Skip:(-not $env:USAGE_TEST_POSTGRES) {
        $store = New-TestStore -Kind PostgreSql
        try {
            Disconnect-UsageStore
            $env:USAGE_STORE = $store.ConnectionString
            Add-UsageRecord api 3
            (Get-Usage api).Quantity | Should -Be 3
            Invoke-Psql $store 'select quantity from billing_usage_records' | Should -Be 3
        }
        finally { Remove-TestStore $store }
    }
}
