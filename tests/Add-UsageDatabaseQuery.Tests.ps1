BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Add-UsageDatabaseQuery to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            $script:my = @{ CustomerId = $customer }
        }

        It 'counts one SELECT of 0 ms by default' {
            Add-UsageDatabaseQuery @my
            $record = Get-UsageRecord @my
            $record.Service, $record.Quantity, $record.UnitCost | Should -Be 'database', 1, 0.00001
            "$($record.Metadata)" | Should -BeExactly '{"duration_ms":0,"type":"SELECT"}'
        }

        It 'takes type and duration by position' {
            Add-UsageDatabaseQuery INSERT 12.5 @my
            "$((Get-UsageRecord @my).Metadata)" | Should -BeExactly '{"duration_ms":12.5,"type":"INSERT"}'
        }

        It 'takes objects down the pipeline, one bad among good' {
            $items = foreach ($ms in 1, '2.5', '2,5', $null, 4) { [pscustomobject]@{ QueryType = 'UPDATE'; DurationMs = $ms } }
            $items | Add-UsageDatabaseQuery @my -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem | Should -HaveCount 2
            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidQuantity,*AddUsageDatabaseQueryCommand'
            (Get-UsageRecord @my).Metadata.duration_ms | Sort-Object | Should -Be 1, 2.5, 4
            (Get-Usage database @my).Quantity | Should -Be 3
        }
    }
}
