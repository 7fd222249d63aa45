BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Get-UsagePrice on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            Set-UsagePrice compute 0.06 -From 2099-01-01
            Set-UsagePrice compute 0.04 -Plan pro -From 2026-01-01
            Set-UsagePrice compute 0.03 -CustomerId acme -From 2026-01-01
            Set-UsagePrice functions 5 -PackageSize 1000 -From 2026-01-01
        }
        AfterAll { Remove-TestStore $store }

        It 'lists the prices: the list''s, then those of plans and customers, the latest first' {
            Get-UsagePrice compute, f* | ForEach-Object { "$($_.Service) $($_.Plan)$($_.CustomerId) $($_.From.ToString('o')) $($_.UnitCost)" } | Should -Be @(
                'compute  2099-01-01 0.06', 'compute  1980-01-01 0.05', 'compute pro 2026-01-01 0.04', 'compute acme 2026-01-01 0.03'
                'functions  2026-01-01 5', 'functions  1980-01-01 0.0002'
            )
            @(Get-UsagePrice).Count | Should -Be 10
        }

        It 'lists those of customers or plans' {
            (Get-UsagePrice -CustomerId *).UnitCost | Should -Be 0.03
            (Get-UsagePrice -Plan p*).UnitCost | Should -Be 0.04
            (Get-UsagePrice -Plan pro -CustomerId acme).UnitCost | Should -Be 0.04, 0.03
            Get-UsagePrice storage -CustomerId acme | Should -BeNullOrEmpty
        }

        It 'has an error for a service that does not exist, and lists the others' {
            @(Get-UsagePrice nosuch, api -ErrorAction SilentlyContinue -ErrorVariable problem).Count | Should -Be 1
            $problem.FullyQualifiedErrorId | Should -BeLike 'UnknownService,*'
        }

        It 'shows for whom, since when, and per what' {
            $text = Get-UsagePrice compute, functions | Out-String -Width 200
            $text | Should -Match '(?m)^compute +customer acme +2026-01-01 +Flat +\$0\.03 +CPU-hours'
            $text | Should -Match '(?m)^functions +all +2026-01-01 +Package +\$5\.00 +1000 invocations'
        }
    }
}
