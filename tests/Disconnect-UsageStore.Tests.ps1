BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Disconnect-UsageStore from $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $env:USAGE_STORE = Join-Path $TestDrive next.db
        }
        AfterAll {
            $env:USAGE_STORE = $null
            Remove-TestStore $store
        }
        BeforeEach { Connect-UsageStore @address -CustomerId acme -TimeZone Asia/Tokyo }

        It 'forgets store, customer and zone, and writes nothing' {
            Disconnect-UsageStore | Should -BeNullOrEmpty
            $info = Get-UsageStore
            $info.Path | Should -Be $env:USAGE_STORE
            $info.Source | Should -BeLike '*USAGE_STORE'
            $info.CustomerId, $info.TimeZone | Should -Be 'default', 'UTC'
        }

        It 'lets the records that wait be stored' {
            1..3 | ForEach-Object { Add-UsageRecord compute }
            Disconnect-UsageStore
            Connect-UsageStore @address -CustomerId acme
            (Invoke-UsageFlush).Remaining | Should -Be 0
            Invoke-Sql $store "select count(*) from billing_usage_records where service_name = 'compute'" | Should -Be 3
        }

        It 'is content where nothing is connected' {
            Disconnect-UsageStore
            { Disconnect-UsageStore } | Should -Not -Throw
        }
    }
}
