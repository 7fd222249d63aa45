BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1
}

foreach ($kind in Get-TestStore) {
    Describe "Set-UsagePrice on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'is in force from today on by default, for what is stored from now on' {
            Add-UsageRecord api 100
            @(Set-UsagePrice api 0.5 -WarningAction SilentlyContinue -WarningVariable said).Count | Should -Be 0
            Add-UsageRecord api 100
            Add-UsageRecord api 100 -Timestamp ([datetimeoffset]::UtcNow.AddDays(-2))
            Get-UsageRecord api | ForEach-Object UnitCost | Sort-Object | Should -Be 0.0001, 0.0001, 0.5
            (Get-UsagePrice api).From | ForEach-Object { $_.ToString('o') } | Should -Be (Get-Day 0).ToString('yyyy-MM-dd'), '1980-01-01'
            $said | Should -BeLike '*keeps the price it got*'
            Get-UsagePrice api | Where-Object UnitCost -eq 0.5 | Remove-UsagePrice
        }

        It 'says nothing of what is stored where nothing is' {
            Set-UsagePrice functions 0.0002 -From 2026-01-01 -WarningVariable said
            $said | Should -BeNullOrEmpty
        }

        It 'goes by the customer, then the plan, then the list' {
            Set-UsagePrice compute 1
            Set-UsagePrice compute 0.5 -Plan pro
            Add-Plan $store "$customer-planned" pro "'api', -1, 'requests', 'soft', 'monthly'" -Start (Get-Day -3) -End (Get-Day 27)
            Add-Plan $store "$customer-own" pro "'api', -1, 'requests', 'soft', 'monthly'" -Start (Get-Day -3) -End (Get-Day 27)
            Set-UsagePrice compute 0.25 -CustomerId "$customer-own"
            foreach ($id in $customer, "$customer-planned", "$customer-own") { Add-UsageRecord compute 2 -CustomerId $id }
            (Get-Usage compute -CustomerId $customer, "$customer-planned", "$customer-own").Cost | Should -Be 2, 1, 0.5
            Get-UsagePrice compute | ForEach-Object { "$($_.CustomerId) $($_.Plan) $($_.UnitCost)".Trim() } |
                Should -Be '1', '0.05', 'pro 0.5', "$customer-own  0.25"
            Get-UsagePrice compute | Where-Object UnitCost -ne 0.05 | Remove-UsagePrice
        }

        It 'takes tiers as hashtables and as text, and packages' {
            $price = Set-UsagePrice bandwidth -Model Graduated -Tier @{ UpTo = 1000; UnitCost = 0.01 }, @{ UpTo = '5000.5'; UnitCost = 0.008; FlatFee = 2 }, @{ UnitCost = 0.005 } -PassThru
            $price.psobject.Properties.Name | Should -Be 'Service', 'CustomerId', 'Plan', 'From', 'Model', 'UnitCost', 'Unit', 'Tier', 'PackageSize'
            "$($price.Model) $($price.UnitCost) $($price.Unit) $($price.Tier.ToString())" | Should -Be 'Graduated 0.01 GB 1000:0.01;5000.5:0.008+2;*:0.005'
            $price.Tier[1].UpTo, $price.Tier[1].FlatFee, $price.Tier.Count | Should -Be 5000.5, 2, 3
            (Set-UsagePrice bandwidth -Model Volume -Tier '10:1;*:0.5' -PassThru).Tier[1].UnitCost | Should -Be 0.5
            $package = Set-UsagePrice bandwidth 5 -PackageSize 1000 -PassThru
            "$($package.Model) $($package.UnitCost) $($package.PackageSize)" | Should -Be 'Package 5 1000'
            # One price stands for each first day.
            @(Get-UsagePrice bandwidth).Count | Should -Be 2
            Add-UsageRecord bandwidth 3
            (Get-UsageRecord bandwidth).UnitCost | Should -Be 0.005
            Get-UsagePrice bandwidth | Where-Object Model -eq Package | Remove-UsagePrice
        }

        It 'copies a price list, also through a CSV file' {
            Set-UsagePrice storage -Model Graduated -Tier '10:1;*:0.5' -From 2026-03-01 -CustomerId $customer
            Set-UsagePrice storage 3 -PackageSize 7 -From 2026-04-01 -Plan "plan of $customer"
            $before = Get-UsagePrice | Out-String
            Get-UsagePrice | Set-UsagePrice -WarningAction SilentlyContinue
            Get-UsagePrice | Out-String | Should -Be $before
            Get-UsagePrice | Export-Csv "$TestDrive/prices.csv"
            Import-Csv "$TestDrive/prices.csv" | Set-UsagePrice -WarningAction SilentlyContinue
            Get-UsagePrice | Out-String | Should -Be $before
        }

        It 'refuses <Problem>, with <Id>' -ForEach @(
            @{ Problem = 'no price at all'; Id = 'InvalidPrice'; Given = @{} }
            @{ Problem = 'a customer and a plan'; Id = 'InvalidPrice'; Given = @{ UnitCost = 1; CustomerId = 'a'; Plan = 'b' } }
            @{ Problem = 'tiers without a model'; Id = 'InvalidPrice'; Given = @{ Tier = @{ UnitCost = 1 } } }
            @{ Problem = 'a last tier with an end'; Id = 'InvalidPrice'; Given = @{ Model = 'Volume'; Tier = @{ UnitCost = 1; UpTo = 5 } } }
            @{ Problem = 'tiers that do not rise'; Id = 'InvalidPrice'; Given = @{ Model = 'Volume'; Tier = @{ UnitCost = 1; UpTo = 5 }, @{ UnitCost = 1; UpTo = 5 }, @{ UnitCost = 2 } } }
            @{ Problem = 'a tier without a price'; Id = 'InvalidPrice'; Given = @{ Model = 'Volume'; Tier = @{ UpTo = 5 } } }
            @{ Problem = 'a package of nothing'; Id = 'InvalidPrice'; Given = @{ UnitCost = 1; PackageSize = 0 } }
            @{ Problem = 'a negative price'; Id = 'InvalidUnitCost'; Given = @{ UnitCost = -1 } }
            @{ Problem = 'a comma'; Id = 'InvalidUnitCost'; Given = @{ UnitCost = '0,5' } }
            @{ Problem = 'eleven decimals'; Id = 'InvalidUnitCost'; Given = @{ UnitCost = '0.00000000001' } }
            @{ Problem = 'a day that is none'; Id = 'InvalidTimestamp'; Given = @{ UnitCost = 1; From = 'soon' } }
            @{ Problem = 'a day before 1980'; Id = 'InvalidPrice'; Given = @{ UnitCost = 1; From = '1979-12-31' } }
        ) {
            $before = Get-UsagePrice | Out-String
            { Set-UsagePrice api @Given -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*"
            Get-UsagePrice | Out-String | Should -Be $before
        }

        It 'knows services in any case and refuses others' {
            (Set-UsagePrice API 0.0001 -From 1980-01-01 -PassThru -WarningAction SilentlyContinue).Service | Should -Be api
            { Set-UsagePrice nosuch 1 -ErrorAction Stop } | Should -Throw -ErrorId 'UnknownService,*'
        }

        It 'changes nothing with -WhatIf' {
            $before = Get-UsagePrice | Out-String
            Set-UsagePrice api 9 -WhatIf
            Get-UsagePrice | Out-String | Should -Be $before
        }
    }
}
