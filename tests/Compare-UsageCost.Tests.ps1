BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    function Format-Difference { process { "$($_.CustomerId) $($_.Service) $($_.Current) $($_.Proposed) $($_.Difference) $($_.PercentChange)" } }
    $january = @{ Start = '2026-01'; End = '2026-01'; CustomerId = '*' }
}

foreach ($kind in Get-TestStore) {
    Describe "Compare-UsageCost on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            Set-UsagePrice bandwidth 0.05 -CustomerId beta -From 2026-01-01
            Add-UsageRecord bandwidth 300 -Timestamp 2026-01-05 -CustomerId acme
            Add-UsageRecord bandwidth 100 -Timestamp 2026-01-05 -CustomerId beta
            Add-UsageRecord api 100 -Timestamp 2026-01-05 -CustomerId acme
            Add-UsageRecord api 1 -UnitCost 5 -Timestamp 2026-01-05 -CustomerId acme
        }
        AfterAll { Remove-TestStore $store }

        It 'says what usage would have cost at other prices, whenever they begin, and changes nothing' {
            $prices = Get-UsagePrice | Out-String
            $differences = Compare-UsageCost @january -Price @{ Service = 'bandwidth'; UnitCost = '0.02'; From = '2099-01-01' }
            $differences | Format-Difference | Should -Be 'acme api 5.01 5.01 0 0', 'acme bandwidth 3 6 3 100', 'beta bandwidth 5 5 0 0'
            $differences[0].psobject.Properties.Name | Should -Be @(
                'CustomerId', 'Service', 'Quantity', 'Unit', 'Current', 'Proposed', 'Difference', 'PercentChange', 'Start', 'End'
            )
            Get-UsagePrice | Out-String | Should -Be $prices
            (Get-Usage bandwidth -CustomerId acme -Start 2026-01 -End 2026-01).Cost | Should -Be 3
        }

        It 'takes tiers, packages, and prices of customers' {
            Compare-UsageCost bandwidth @january -Price @(
                [pscustomobject]@{ Service = 'bandwidth'; Model = 'Volume'; Tier = @{ UpTo = 200; UnitCost = 0.02 }, @{ UnitCost = 0.001 } }
                @{ Service = 'bandwidth'; UnitCost = 2; PackageSize = 60; CustomerId = 'beta' }
            ) | Format-Difference | Should -Be 'acme bandwidth 3 0.3 -2.7 -90', 'beta bandwidth 5 4 -1 -20'
        }

        It 'takes what Get-UsagePrice gives, and a CSV file of it' {
            (Compare-UsageCost @january -Price (Get-UsagePrice)).Difference | Should -Be 0, 0, 0
            Get-UsagePrice | Export-Csv "$TestDrive/prices.csv"
            $list = Import-Csv "$TestDrive/prices.csv"
            ($list | Where-Object CustomerId -eq beta).UnitCost = '0.01'
            (Compare-UsageCost @january -Price $list).Difference | Should -Be 0, 0, -4
        }

        It 'prices invoiced usage too' {
            $null = Get-UsageCost -Start 2026-01 -End 2026-01 -CustomerId acme -Save
            (Compare-UsageCost bandwidth -Start 2026-01 -End 2026-01 -CustomerId acme -Price @{ Service = 'bandwidth'; UnitCost = 0.02 }).Difference | Should -Be 3
        }

        It 'refuses <Problem>, with <Id>' -ForEach @(
            @{ Problem = 'a price of no service'; Id = 'InvalidPrice'; Price = @{ UnitCost = 1 } }
            @{ Problem = 'a service that is none'; Id = 'UnknownService'; Price = @{ Service = 'nosuch'; UnitCost = 1 } }
            @{ Problem = 'a model that is none'; Id = 'InvalidPrice'; Price = @{ Service = 'api'; UnitCost = 1; Model = 'Free' } }
            @{ Problem = 'text'; Id = 'InvalidRecord'; Price = 'api' }
        ) {
            { Compare-UsageCost @january -Price $Price } | Should -Throw -ErrorId "$Id,*"
        }

        It 'shows the change in percent' {
            Compare-UsageCost bandwidth @january -Price @{ Service = 'bandwidth'; UnitCost = '0.02' } | Out-String -Width 150 |
                Should -Match '(?m)^acme +bandwidth +300 +GB +\$3\.00 +\$6\.00 +\$3\.00 +\+100%'
        }
    }
}
