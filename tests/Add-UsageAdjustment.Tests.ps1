BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/QuotaHelpers.ps1
}

foreach ($kind in Get-TestStore) {
    Describe "Add-UsageAdjustment on $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll {
            $script:store = New-TestStore -Kind $Kind
            $script:address = Get-TestAddress $store
            $script:jan = @{ Start = '2026-01'; End = '2026-01' }
        }
        AfterAll { Remove-TestStore $store }
        BeforeEach { $script:customer = Connect-NewCustomer $address }

        It 'puts another record in the place of one, and keeps the history' {
            Add-UsageRecord compute 12 '{"instance":"a"}' -Timestamp 2026-01-15T12:00Z -UnitCost 0.05 -EventKey 'job 1'
            Add-UsageRecord compute 2 -Timestamp 2026-01-15T12:01Z -UnitCost 0.05
            $wrong = Get-UsageRecord @jan | Where-Object Quantity -EQ 12
            $right = $wrong | Add-UsageAdjustment -Quantity 1.2 -Reason 'a decimal point' -By anna -PassThru

            $right.Quantity, $right.UnitCost, $right.TotalCost, $right.EventKey, "$($right.Metadata)" | Should -Be 1.2, 0.05, 0.06, 'job 1', '{"instance":"a"}'
            $right.Timestamp | Should -Be $wrong.Timestamp
            $history = Get-UsageRecord @jan -IncludeUndone
            $history.Quantity | Should -Be 2, 1.2, -12, 12
            $history[1].Id, $history[1].CorrectsId, $history[1].CorrectedBy, $history[1].Reason | Should -Be $right.Id, $null, 'anna', "instead of record $($wrong.Id): a decimal point"
            $history[2].CorrectsId, $history[2].Reason | Should -Be $wrong.Id, 'a decimal point'
            $history.IsUndone | Should -Be $false, $false, $false, $true
            $measure = Measure-Usage -Service compute @jan
            $measure.EventCount, $measure.TotalQuantity, $measure.MinimumQuantity, $measure.MaximumQuantity, $measure.TotalCost | Should -Be 2, 3.2, 1.2, 2, 0.16
            (Get-UsageRecord @jan).Quantity | Should -Be 2, 1.2
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'changes the unit cost alone, from a file, and what was adjusted again' {
            Add-UsageRecord api 100 -Timestamp 2026-01-15 -UnitCost 1
            Add-UsageRecord api 200 -Timestamp 2026-01-16 -UnitCost 1
            Get-UsageRecord @jan | Add-UsageAdjustment -UnitCost 0.0001 -Reason 'the price of a thousand'
            (Get-Usage api @jan).Cost, (Get-Usage api @jan).Quantity | Should -Be 0.03, 300
            Get-UsageRecord @jan | Select-Object Id, @{ n = 'Quantity'; e = { "$($_.Quantity / 10)" } }, UnitCost | Export-Csv "$TestDrive/right.csv"
            Import-Csv "$TestDrive/right.csv" | Add-UsageAdjustment
            (Get-Usage api @jan).Cost, (Get-Usage api @jan).Quantity, (Get-Usage api @jan).Events | Should -Be 0.003, 30, 2
            Get-UsageRecord @jan | Undo-UsageRecord
            (Get-Usage api @jan).Quantity | Should -Be 0
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'lets the key stand for what is right' {
            Add-UsageRecord api 10 -Timestamp 2026-01-15 -EventKey one
            Get-UsageRecord @jan | Add-UsageAdjustment -Quantity 7
            Add-UsageRecord api 7 -Timestamp 2026-01-15 -EventKey one
            (Invoke-UsageFlush).Duplicates | Should -Be 1
            Add-UsageRecord api 10 -Timestamp 2026-01-15 -EventKey one
            (Invoke-UsageFlush -WarningAction SilentlyContinue).Rejected | Should -Be 1
            (Get-Usage api @jan).Quantity | Should -Be 7
            Get-UsageRejectedRecord | Remove-UsageRejectedRecord -Confirm:$false
        }

        It 'says what it cannot do, and does the rest' {
            Add-UsageRecord api 10 -Timestamp 2026-01-15
            Add-UsageRecord api 20 -Timestamp 2026-01-16
            $a, $b = Get-UsageRecord @jan
            @(
                @{ Id = $a.Id; Quantity = '1,5' }, @{ Id = $a.Id; Quantity = -1 }, @{ Id = $a.Id; Quantity = $null }, @{ Id = $a.Id; UnitCost = -1 }
                @{ Id = $a.Id }, @{ Id = $a.Id; Quantity = 20 }, @{ Id = $a.Id; Quantity = '1e20'; UnitCost = 5 }, @{ Id = 987654321; Quantity = 1 }
                @{ Id = $b.Id; Quantity = 0 }, @{ Id = $b.Id; Quantity = 5 }
            ) | ForEach-Object { [pscustomobject] $_ } | Add-UsageAdjustment -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem.FullyQualifiedErrorId -replace ',.*' | Sort-Object | Should -Be @(
                'AlreadyUndone', 'InvalidQuantity', 'InvalidQuantity', 'InvalidQuantity', 'InvalidUnitCost', 'InvalidUnitCost', 'NothingToAdjust', 'NothingToAdjust', 'RecordNotFound')
            (Get-UsageRecord @jan).Quantity | Should -Be 20, 0
            { Add-UsageAdjustment $a.Id -ErrorAction Stop } | Should -Throw -ErrorId 'NothingToAdjust,*'
            Compare-Usage | Should -BeNullOrEmpty
        }

        It 'with -WhatIf says what it would do' {
            Add-UsageRecord api 10 -Timestamp 2026-01-15
            Get-HostText { Get-UsageRecord @jan | Add-UsageAdjustment -Quantity 5 -WhatIf } | Should -BeLike "*put right in *of $customer*"
            (Get-Usage api @jan).Quantity | Should -Be 10
        }
    }
}
