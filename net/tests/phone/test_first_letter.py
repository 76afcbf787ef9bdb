"""Who answers an invite: the card that answers it is the first letter, whatever else was written before it could leave."""


def answered_and_open(network, ada, bob):
    """Bob answered, the log showed him Ada, and the relay has not yet granted what his card tells."""
    network.wait_for_log()
    invite = ada.engine.invite(network.now)
    network.settle()
    bob.engine.answer(ada.engine.invite_link(invite), network.now)
    assert bob.look()
    assert bob.engine.books.contacts[ada.user].state.value == "open"


def test_a_message_written_at_once_does_not_overtake_the_card(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    answered_and_open(network, ada, bob)
    bob.send(ada, "here I am")
    network.wait_for_log()
    assert ada.engine.books.contacts[bob.user].state.value == "open"
    assert ada.texts(bob) == ["here I am"]
    assert ada.notices() == bob.notices() == []


def test_a_checkpoint_passed_on_by_the_clock_does_not_either(network):
    ada, bob = network.phone("Ada"), network.phone("Bob")
    answered_and_open(network, ada, bob)
    bob.engine.tick(network.now)
    network.wait_for_log()
    ada.send(bob, "welcome")
    network.settle()
    assert bob.texts(ada) == ["welcome"]
    assert ada.notices() == bob.notices() == []
