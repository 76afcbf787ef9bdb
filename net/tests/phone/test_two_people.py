"""Two people become contacts and write to each other."""


def test_invite_answer_write_read(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    network.wait_for_log()
    assert "Joined" in ada.codes()
    network.introduce(ada, bob)
    assert ada.engine.books.contacts[bob.user].state.value == "open"
    assert bob.engine.books.contacts[ada.user].state.value == "open"
    ada.send(bob, "hello Bob")
    bob.send(ada, "hello Ada")
    network.settle()
    assert ada.texts(bob) == ["hello Bob", "hello Ada"]
    assert bob.texts(ada) == ["hello Bob", "hello Ada"] or bob.texts(ada) == ["hello Ada", "hello Bob"]
    assert ada.notices() == bob.notices() == []
