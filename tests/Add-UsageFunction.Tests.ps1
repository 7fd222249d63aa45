BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll { . $PSScriptRoot/Common.ps1 }

foreach ($kind in Get-TestStore) {
    Describe "Add-UsageFunction to $($kind.Kind)" -ForEach $kind -Skip:$kind.Skip {
        BeforeAll { $script:store = New-TestStore -Kind $Kind }
        AfterAll { Remove-TestStore $store }
        BeforeEach {
            $script:customer = 'c-' + [guid]::NewGuid().ToString('N')
            $script:my = @{ CustomerId = $customer }
        }

        It 'counts one invocation of 0 ms and 128 MB by default' {
            Add-UsageFunction resize @my
            $record = Get-UsageRecord @my
            $record.Service, $record.Quantity, $record.UnitCost | Should -Be 'functions', 1, 0.0002
            "$($record.Metadata)" | Should -BeExactly '{"duration_ms":0,"function":"resize","memory_mb":128}'
        }

        It 'takes name, duration and memory by position, and the name as -FunctionName' {
            Add-UsageFunction resize 250 512 @my
            Add-UsageFunction -FunctionName thumb -DurationMs 0.75 -MemoryMB 64 @my
            Get-UsageRecord @my | ForEach-Object { "$($_.Metadata)" } | Sort-Object | Should -BeExactly @(
                '{"duration_ms":0.75,"function":"thumb","memory_mb":64}', '{"duration_ms":250,"function":"resize","memory_mb":512}'
            )
        }

        It 'takes objects down the pipeline, one bad among good' {
            [pscustomobject]@{ Name = 'a'; DurationMs = 1 }, [pscustomobject]@{ FunctionName = 'b'; MemoryMB = 'much' }, [pscustomobject]@{ FunctionName = 'c' } |
                Add-UsageFunction @my -ErrorAction SilentlyContinue -ErrorVariable problem
            $problem | Should -HaveCount 1
            $problem.FullyQualifiedErrorId | Should -BeLike 'InvalidQuantity,*AddUsageFunctionCommand'
            $problem.TargetObject.MemoryMB | Should -Be much
            (Get-UsageRecord @my).Metadata.function | Sort-Object | Should -Be a, c
        }
    }
}
