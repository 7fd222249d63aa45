BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Remove-UsagePrice on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }

        It 'lets the one before apply again to what is stored from now on' {
            Set-UsagePrice api 0.5 -From 2026-01-01
            Add-UsageRecord api -Timestamp 2026-02-01
            @(Remove-UsagePrice api 2026-01-01).Count | Should -Be 0
            Add-UsageRecord api -Timestamp 2026-02-02
            (Get-UsageRecord api -Start 2026-02-01 -End 2026-02-03).UnitCost | Should -Be 0.0001, 0.5
        }

        It 'removes just the price that is named' {
            Set-UsagePrice compute 1 -CustomerId acme -From 2026-01-01
            Set-UsagePrice compute 2 -Plan pro -From 2026-01-01
            Set-UsagePrice compute 3 -From 2026-01-01
            Remove-UsagePrice compute 2026-01-01 -Plan pro
            Get-UsagePrice compute | ForEach-Object UnitCost | Should -Be 3, 0.05, 1
            Get-UsagePrice compute -CustomerId acme | Remove-UsagePrice
            Get-UsagePrice compute | ForEach-Object UnitCost | Should -Be 3, 0.05
            Remove-UsagePrice compute 2026-01-01 -WhatIf
            @(Get-UsagePrice compute).Count | Should -Be 2
        }

        It 'has an error for a price that is not there' {
            { Remove-UsagePrice api 2020-01-01 -ErrorAction Stop } | Should -Throw -ErrorId 'PriceNotFound,*'
            { Remove-UsagePrice api 1980-01-01 -CustomerId nobody -ErrorAction Stop } | Should -Throw -ErrorId 'PriceNotFound,*'
            { Remove-UsagePrice nosuch 1980-01-01 -ErrorAction Stop } | Should -Throw -ErrorId 'UnknownService,*'
        }
    }
}
