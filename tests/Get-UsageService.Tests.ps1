BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsageService on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }

        It 'lists the services in catalogue order, with unit, price and bytes per unit' {
            Get-UsageService | ForEach-Object { "$($_.Service) $($_.Unit) $($_.UnitCost) $($_.BytesPerUnit)".Trim() } | Should -Be @(
                'api requests 0.0001', 'storage GB-hours 0.001 1073741824', 'bandwidth GB 0.01 1073741824'
                'compute CPU-hours 0.05', 'database queries 0.00001', 'functions invocations 0.0002'
            )
        }

        It 'takes names, wildcards and objects with a Service' {
            (Get-UsageService d*, API).Service | Should -Be api, database
            (Get-Usage compute | Get-UsageService).Unit | Should -Be CPU-hours
            Get-UsageService x* | Should -BeNullOrEmpty
        }

        It 'has an error for a service that does not exist, and shows the others' {
            (Get-UsageService nosuch, api -ErrorAction SilentlyContinue -ErrorVariable problem).Service | Should -Be api
            $problem.FullyQualifiedErrorId | Should -BeLike 'UnknownService,*'
            $problem.CategoryInfo.Category | Should -Be ObjectNotFound
            $problem.TargetObject | Should -Be nosuch
        }

        It 'shows a service and a price that were added by SQL' {
            Invoke-Sql $store "insert into usage_services (service_name, unit, sort_order) values ('email', 'messages', 7)"
            Invoke-Sql $store "insert into usage_prices (service_name, in_force_from, unit_cost) values ('email', '2026-01-01', '0.002'), ('email', '2099-01-01', '9')"
            $service = Get-UsageService | Select-Object -Last 1
            $service.Service, $service.Unit, $service.UnitCost | Should -Be 'email', 'messages', 0.002
        }
    }
}
